"""
Makes the calls of the official Python package that are asked for on standard input, one JSON line each, side by side.
Arguments: the address of the review server, and the agent frameworks that are wanted.
"""

import importlib
import json
import sys
import threading
from types import SimpleNamespace

from cheqpoint import CheqpointClient

BASE_URL = sys.argv[1]
FRAMEWORKS = {name: importlib.import_module(f"with_{name}") for name in sys.argv[2:]}
ATTRIBUTES = ("request_id", "response_notes", "timeout", "status_code", "response_body")
writing = threading.Lock()


def call_tool(key, framework, arguments, timeout=None):
    tool = framework.Tool(api_key=key, base_url=BASE_URL)
    if timeout is not None:
        # The tools have no option for it; they wait as long as their client does by default.
        tool._client.default_timeout = timeout
    return framework.call_tool(tool, arguments)


def traced_request(client, arguments):
    """Asks with the trace that the package itself collects of a call to the model, here one that answers from memory."""
    message = SimpleNamespace(content="I will write to all.", tool_calls=None)
    answer = SimpleNamespace(choices=[SimpleNamespace(message=message)], model="gpt-scripted", usage=SimpleNamespace(total_tokens=12))
    model = SimpleNamespace(chat=SimpleNamespace(completions=SimpleNamespace(create=lambda **_: answer)))
    wrapped, collector = client.wrap_openai(model)
    wrapped.chat.completions.create(model="gpt-scripted", messages=[{"role": "user", "content": "Write to all."}])
    return client.create_request(trace=collector.get_trace(), **arguments)


def call(key, method, arguments):
    if method in FRAMEWORKS:
        return call_tool(key, FRAMEWORKS[method], **arguments)
    client = CheqpointClient(api_key=key, base_url=BASE_URL)
    if method == "traced_request":
        return traced_request(client, arguments)
    if method == "guard":
        return client.guard(run=lambda context: {"ran_with": context.details}, **arguments)
    result = getattr(client, method)(**arguments)
    if isinstance(result, (dict, str)):
        return result
    effective = {"effective_details": result.effective_details} if hasattr(result, "effective_details") else {}
    return {**vars(result), **effective}


def answer(number, key, method, arguments):
    try:
        said = {"result": call(key, method, arguments)}
    except Exception as error:
        facts = {name: getattr(error, name) for name in ATTRIBUTES if hasattr(error, name)}
        said = {"raised": {"type": type(error).__name__, "text": str(error), **facts}}
    with writing:
        print(json.dumps({"number": number, **said}), flush=True)


print(json.dumps({"number": 0}), flush=True)
for line in sys.stdin:
    threading.Thread(target=answer, args=tuple(json.loads(line)), daemon=True).start()
