"""Has each agent framework call the official package's tool, and returns what the framework tells its model."""


def langchain_tool(tool, arguments):
    return tool.invoke(arguments)


def langgraph_tool(tool, arguments):
    from langchain_core.messages import AIMessage
    from langgraph.graph import START, MessagesState, StateGraph
    from langgraph.prebuilt import ToolNode

    graph = StateGraph(MessagesState)
    graph.add_node("tools", ToolNode([tool]))
    graph.add_edge(START, "tools")
    said = AIMessage(content="", tool_calls=[{"name": tool.name, "args": arguments, "id": "call_1"}])
    return graph.compile().invoke({"messages": [said]})["messages"][-1].content


def crewai_tool(tool, arguments):
    import json

    from crewai import Agent, Crew, Task
    from crewai.llms.base_llm import BaseLLM

    class ScriptedModel(BaseLLM):
        """Asks for the tool once, and answers with what the crew then tells it."""

        def supports_function_calling(self):
            return False

        def call(self, messages, *_rest, **_more):
            observations = [said["content"].split("Observation: ", 1)[1] for said in messages if said["role"] == "assistant" and "Observation: " in said["content"]]
            if observations:
                return f"Thought: I know.\nFinal Answer: {observations[-1]}"
            return f"Thought: I must ask.\nAction: {tool.name}\nAction Input: {json.dumps(arguments)}"

    agent = Agent(role="clerk", goal="to ask first", backstory="none", tools=[tool], llm=ScriptedModel(model="scripted"))
    return str(Crew(agents=[agent], tasks=[Task(description="ask", expected_output="the answer", agent=agent)]).kickoff())
