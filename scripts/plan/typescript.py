"""The plan's TypeScript example of phase 3, compiled as it stands."""

from __future__ import annotations

from docs.typescript import ExampleError, compile_example
from plan.check import Context, Failed

CLIENT_FOLDERS = ("@/clients/trader-client-broker", "@/clients/trader-client-datafeed")

PLAN_EXAMPLE = """\
// Import only what you need - smaller bundle size
import { BrokerApi } from "@/clients/trader-client-broker";
import { DatafeedApi } from "@/clients/trader-client-datafeed";

// Broker service at http://broker-service:8001
const brokerApi = new BrokerApi({ basePath: "http://broker-service:8001" });

// Datafeed service at http://datafeed-service:8002
const datafeedApi = new DatafeedApi({
  basePath: "http://datafeed-service:8002",
});
"""
WRONG = "datafeedApi.placeOrder({});\n"


def plan_example_compiles(context: Context) -> None:
    """The example compiles; with a call of the wrong client's operation it does not."""
    frontend = context.root / "frontend"
    # Unused constants are an error there.
    example = PLAN_EXAMPLE + "\nexport { brokerApi, datafeedApi };\n"
    try:
        compile_example(frontend, example)
    except ExampleError as error:
        raise Failed(str(error)) from error
    try:
        compile_example(frontend, example + WRONG)
    except ExampleError:
        return
    raise Failed(f"compiled, although it is wrong: {WRONG}")
