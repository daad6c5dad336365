import { createRouter, type Router, type RouterHistory } from "vue-router";

/** The routes that show a symbol. Each is loaded when needed, so that the chart has no code of the broker. */
export const ROUTES = [
  { name: "chart", title: "Chart" },
  { name: "trade", title: "Trade" },
] as const;

export const DEFAULT_SYMBOL = "AAPL";

export function createPageRouter(history: RouterHistory): Router {
  const router = createRouter({
    history,
    routes: [
      { path: "/chart/:symbol", name: "chart", component: () => import("@/pages/ChartPage.vue"), props: true },
      { path: "/trade/:symbol", name: "trade", component: () => import("@/pages/TradePage.vue"), props: true },
      { path: "/trade", redirect: { name: "trade", params: { symbol: DEFAULT_SYMBOL } } },
      { path: "/:rest(.*)*", redirect: { name: "chart", params: { symbol: DEFAULT_SYMBOL } } },
    ],
  });
  router.afterEach(({ name, params }) => {
    const route = ROUTES.find((one) => one.name === name);
    if (route) document.title = `${String(params.symbol)} · ${route.title}`;
  });
  return router;
}
