export { apiGuard } from "./api-guard.ts";
export { type ColdStartRoutesOptions, createColdStartApp } from "./cold-start-routes.ts";
export { type ErrorAnswer, isBug, toErrorAnswer, toErrorResponse } from "./error-response.ts";
export { type InvocationRoutesOptions, invocationRoutes } from "./invocations.ts";
export { createLambdaApi } from "./lambda-api/index.ts";
export { createListeners, type Listener, type Listeners, type ListenersOptions } from "./listener.ts";
export { createLogsApp, type LogsRouteOptions } from "./logs-route.ts";
export { createUrlHandler, type UrlHandler, type UrlHandlerOptions } from "./url-handler.ts";
