"""The kinds of changes of operations, parameters, bodies, responses and credentials."""

# Kind: level, opposite, meaning, remedy.
ROWS: dict[str, tuple[str, str, str, str]] = {
    "module-removed": (
        *("wire", "module-added", "the module is gone"),
        "Deprecate its operations, and remove the module once nothing calls it.",
    ),
    "module-added": (
        *("service", "module-removed", "there is a new module"),
        "Deploy it before the clients that call it.",
    ),
    "server-changed": (
        *("ok", "server-changed", "the default address has changed"),
        "Set the address of the module for those who rely on the default.",
    ),
    "operation-removed": (
        *("wire", "operation-added", "the operation is gone"),
        "Keep it, mark it as deprecated, and remove it once nothing calls it.",
    ),
    "operation-removed-after-sunset": (
        *("ok", "operation-added", "the operation was deprecated, and its `x-sunset` has passed"),
        "Nothing to do: its callers knew the date.",
    ),
    "operation-added": (
        *("service", "operation-removed", "there is a new operation"),
        "Deploy the service before the clients that call it.",
    ),
    "operation-moved": (
        *("wire", "operation-moved", "the operation has another method or path"),
        "Keep the old route beside the new one until no client calls it.",
    ),
    "operation-renamed": (
        *("source", "operation-renamed", "the `operationId`, and so the method, has another name"),
        "Keep the name of the function, or rename the callers in the same commit.",
    ),
    "operation-deprecated": (
        *("ok", "operation-deprecation-withdrawn", "the operation is deprecated"),
        "Tell the callers what to call instead.",
    ),
    "operation-deprecation-withdrawn": (
        *("ok", "operation-deprecated", "the operation is not deprecated any more"),
        "Nothing to do.",
    ),
    "parameter-order-changed": (
        *("source", "parameter-order-changed", "arguments by position mean something else"),
        "Keep the order of the required parameters.",
    ),
    "path-parameter-renamed": (
        *("source", "path-parameter-renamed", "a path parameter has another name"),
        "Keep the name: it is the name of an argument.",
    ),
    "pagination-added": (
        *("ok", "pagination-removed", "the operation declares `x-pagination`"),
        "Nothing to do: the method gets an iterator beside it.",
    ),
    "pagination-removed": (
        *("source", "pagination-added", "the iterator over pages is gone"),
        "Keep `x-pagination` until no caller iterates.",
    ),
    "pagination-changed": (
        *("source", "pagination-changed", "pages are requested in another way"),
        "Make it a new operation, and deprecate this one.",
    ),
    "request-parameter-removed": (
        *("wire", "request-parameter-added-optional", "a parameter is not read any more"),
        "Deprecate it, and keep reading it until no client sends it.",
    ),
    "request-parameter-moved": (
        *("wire", "request-parameter-moved", "a parameter is in another part of the request"),
        "Accept it in both until no client sends the old one.",
    ),
    "request-parameter-added-required": (
        *("wire", "request-parameter-removed", "there is a new required parameter"),
        "Make it optional, with a default that does what happened before.",
    ),
    "request-parameter-added-optional": (
        *("service", "request-parameter-removed", "there is a new optional parameter"),
        "Deploy the service before the clients that send it.",
    ),
    "request-parameter-became-required": (
        *("wire", "request-parameter-became-optional", "a parameter may not be omitted any more"),
        "Keep it optional, with a default.",
    ),
    "request-parameter-became-optional": (
        *("service", "request-parameter-became-required", "a parameter may be omitted"),
        "Deploy the service before the clients that omit it; Python callers now pass it by name.",
    ),
    "request-parameter-deprecated": (
        *("ok", "request-parameter-deprecation-withdrawn", "a parameter is deprecated"),
        "Tell the callers what to send instead.",
    ),
    "request-parameter-deprecation-withdrawn": (
        *("ok", "request-parameter-deprecated", "a parameter is not deprecated any more"),
        "Nothing to do.",
    ),
    "request-parameter-style-changed": (
        *("wire", "request-parameter-style-changed", "a parameter is written in another way"),
        "Add a parameter with the new style, and keep this one.",
    ),
    "request-body-added-required": (
        *("wire", "request-body-removed", "the operation needs a body"),
        "Make the body optional, or make it a new operation.",
    ),
    "request-body-added-optional": (
        *("service", "request-body-removed", "the operation accepts a body"),
        "Deploy the service before the clients that send it.",
    ),
    "request-body-removed": (
        *("wire", "request-body-added-required", "the body is not read any more"),
        "Keep reading it until no client sends it.",
    ),
    "request-body-became-required": (
        *("wire", "request-body-became-optional", "the body may not be omitted any more"),
        "Keep it optional.",
    ),
    "request-body-became-optional": (
        *("service", "request-body-became-required", "the body may be omitted"),
        "Deploy the service before the clients that omit it.",
    ),
    "request-media-type-removed": (
        *("wire", "request-media-type-added", "a media type of the body is not accepted any more"),
        "Accept both media types until no client sends the old one.",
    ),
    "request-media-type-added": (
        *("service", "request-media-type-removed", "the body may have another media type"),
        "Deploy the service before the clients that send it.",
    ),
    "response-success-status-added": (
        *("clients", "response-success-status-removed", "there is a new success status"),
        "Deploy clients that know the status before the service sends it.",
    ),
    "response-success-status-removed": (
        *("service", "response-success-status-added", "a success status is not sent any more"),
        "Deploy the service before clients that do not know the status.",
    ),
    "response-success-status-replaced": (
        *("wire", "response-success-status-replaced", "every success status is another one"),
        "Add the new status first; remove the old one in a later release.",
    ),
    "response-error-status-added": (
        *("ok", "response-error-status-removed", "there is a new error status"),
        "Nothing to do: a client raises its error for any status.",
    ),
    "response-error-status-removed": (
        *("ok", "response-error-status-added", "an error status is not declared any more"),
        "Nothing to do: a client raises its error for any status.",
    ),
    "response-body-added": (
        *("service", "response-body-removed", "the response has a body"),
        "Deploy the service before the clients that read it.",
    ),
    "response-body-removed": (
        *("wire", "response-body-added", "the response has no body any more"),
        "Keep the body, or make it a new operation.",
    ),
    "response-media-type-added": (
        *("ok", "response-media-type-removed", "the response may have another media type"),
        "Send it only to clients whose `Accept` names it.",
    ),
    "response-media-type-removed": (
        *("wire", "response-media-type-added", "a media type of the response is gone"),
        "Keep sending it to the clients that ask for it.",
    ),
    "response-header-added-required": (
        *("service", "response-header-removed", "the response always has a new header"),
        "Deploy the service before the clients that read it.",
    ),
    "response-header-added-optional": (
        *("ok", "response-header-removed", "the response may have a new header"),
        "Nothing to do: clients ignore unknown headers.",
    ),
    "response-header-removed": (
        *("wire", "response-header-added-optional", "a header of the response is gone"),
        "Keep sending it until no client reads it.",
    ),
    "response-header-became-required": (
        *("service", "response-header-became-optional", "a header is always sent"),
        "Deploy the service before the clients that rely on it.",
    ),
    "response-header-became-optional": (
        *("wire", "response-header-became-required", "a header is not always sent any more"),
        "Keep sending it until no client relies on it.",
    ),
    "other-part-changed": (
        *(
            "wire",
            "other-part-changed",
            "callbacks, webhooks or links, which api-diff cannot judge",
        ),
        "Compare both specs; if no client is concerned, allow the change.",
    ),
    "security-added": (
        *("wire", "security-removed", "credentials are needed"),
        "Accept calls without credentials until every client sends them.",
    ),
    "security-removed": (
        *("service", "security-added", "credentials are not needed any more"),
        "Deploy the service before clients that send none.",
    ),
    "security-alternative-added": (
        *("service", "security-alternative-removed", "other credentials are accepted, too"),
        "Deploy the service before the clients that send them.",
    ),
    "security-alternative-removed": (
        *("wire", "security-alternative-added", "some credentials are not accepted any more"),
        "Accept them until no client sends them.",
    ),
    "security-scheme-changed": (
        *("wire", "security-scheme-changed", "credentials are sent in another way"),
        "Add a scheme beside this one, and accept both.",
    ),
    "scope-added": (
        *("wire", "scope-removed", "tokens need another scope"),
        "Issue tokens with the scope to all clients first, and then ask for it.",
    ),
    "scope-removed": (
        *("service", "scope-added", "tokens do not need a scope any more"),
        "Deploy the service before tokens are issued without the scope.",
    ),
}
