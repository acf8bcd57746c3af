"""LangChain: what it tells its model of a call to the official package's tool."""

import cheqpoint.langchain_tool

Tool = cheqpoint.langchain_tool.CheqpointApprovalTool


def call_tool(tool, arguments):
    return tool.invoke(arguments)
