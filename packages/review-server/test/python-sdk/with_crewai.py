"""CrewAI: what it tells its model of a call to the official package's tool."""

import json

import cheqpoint.crewai_tool
from crewai import Agent, Crew, Task
from crewai.llms.base_llm import BaseLLM

Tool = cheqpoint.crewai_tool.CheqpointApprovalTool
OBSERVATION = "Observation: "


class ScriptedModel(BaseLLM):
    """Asks for the tool once, and answers with what the crew then tells it."""

    ask: str

    def supports_function_calling(self):
        return False

    def call(self, messages, *_rest, **_more):
        told = [message["content"] for message in messages if message["role"] == "assistant" and OBSERVATION in message["content"]]
        return f"Thought: I know.\nFinal Answer: {told[-1].split(OBSERVATION, 1)[1]}" if told else self.ask


def call_tool(tool, arguments):
    ask = f"Thought: I must ask.\nAction: {tool.name}\nAction Input: {json.dumps(arguments)}"
    agent = Agent(role="clerk", goal="to ask first", backstory="none", tools=[tool], llm=ScriptedModel(model="scripted", ask=ask))
    task = Task(description="ask", expected_output="the answer", agent=agent)
    return str(Crew(agents=[agent], tasks=[task]).kickoff())
