"""Azure Functions: an HTTP trigger of the Python v2 model, route {*route}.

https://learn.microsoft.com/azure/azure-functions/functions-reference-python

Nothing but the standard library at import: a function app whose import goes wrong has no functions at all.
"""

from __future__ import annotations

from leanfn.http import Request, parse_query

from . import log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    import azure.functions as func

    from leanfn.http import Handle, Response

KEYS = ("code", "clientId")  # a function key may come in the query; it is the platform's, not ours


def wrap(handle: Handle, tell: log.Log = log.logging_info) -> Callable[..., func.HttpResponse]:
    """The function for FunctionApp.route(route="{*route}"), whose trigger is named `req`."""

    def predict_handler(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
        request = read(req)
        request.id = context.invocation_id
        response = handle(request)
        tell(log.azure(request.record))
        return write(response, req)

    # The worker resolves annotations when it lists the functions, and these are texts that stand for nothing there.
    predict_handler.__annotations__.clear()
    return predict_handler


def read(req: func.HttpRequest) -> Request:
    """The request as Azure has it; the path is what the route matched, whatever prefix host.json gives it.

    The query is the address's own: in params the host joins values with commas, and has none that is empty.
    """
    query = parse_query(req.url.partition("?")[2])
    return Request(
        req.method.upper(),
        "/" + req.route_params.get("route", ""),
        {name: value for name, value in query.items() if name not in KEYS},
        {name.lower(): value for name, value in req.headers.items()},
        req.get_body(),
    )


def write(response: Response, _: func.HttpRequest) -> func.HttpResponse:
    """The reply as Azure takes it."""
    from azure.functions import HttpResponse

    headers = response.headers  # with the kind, too: of a kind alone Azure would write the charset twice
    kind = headers.get("content-type")
    return HttpResponse(response.body, status_code=response.status, headers=headers, mimetype=kind)
