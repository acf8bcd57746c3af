"""LangGraph: what it tells its model of a call to the official package's tool."""

import cheqpoint.langgraph_tool
from langchain_core.messages import AIMessage
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

Tool = cheqpoint.langgraph_tool.CheqpointApprovalTool


def call_tool(tool, arguments):
    graph = StateGraph(MessagesState)
    graph.add_node("tools", ToolNode([tool]))
    graph.add_edge(START, "tools")
    said = AIMessage(content="", tool_calls=[{"name": tool.name, "args": arguments, "id": "call_1"}])
    return graph.compile().invoke({"messages": [said]})["messages"][-1].content
