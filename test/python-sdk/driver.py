"""Makes the calls of the official Python package that are asked for on standard input, one JSON line each, side by side."""

import json
import sys
import threading

from cheqpoint import CheqpointClient

BASE_URL = sys.argv[1]
ATTRIBUTES = ("request_id", "response_notes", "timeout", "status_code", "response_body")
writing = threading.Lock()


def call(key, method, arguments):
    if method == "langchain_tool":
        from cheqpoint.langgraph_tool import CheqpointApprovalTool

        return CheqpointApprovalTool(api_key=key, base_url=BASE_URL).invoke(arguments)
    client = CheqpointClient(api_key=key, base_url=BASE_URL)
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


for line in sys.stdin:
    threading.Thread(target=answer, args=tuple(json.loads(line)), daemon=True).start()
