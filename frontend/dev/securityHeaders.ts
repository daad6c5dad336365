/** The headers that keep other sites, and scripts of other sites, out of the page. */
import type { Plugin } from "vite";

/** The file in the build that has the headers, for servers other than Vite's. */
const FILE = "security-headers.json";

/** Return the headers of a page that connects to the modules at these URLs, beside its own server. */
export function securityHeaders(moduleUrls: string[]): Record<string, string> {
  const modules = moduleUrls.flatMap((url) => [new URL(url).origin, new URL(url).origin.replace(/^http/, "ws")]);
  const policy = {
    "default-src": ["'self'"],
    "connect-src": ["'self'", ...modules],
    "img-src": ["'self'", "data:"],
    // The chart library sets styles in the document.
    "style-src": ["'self'", "'unsafe-inline'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
  };
  const directives = Object.entries(policy).map(([name, sources]) => [name, ...sources].join(" "));
  return {
    "Content-Security-Policy": directives.join("; "),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
  };
}

/** Return the Vite plugin that sends the headers with the built page, and writes them into the build. */
export function pageHeaders(): Plugin {
  let headers: Record<string, string> = {};
  return {
    name: "page-headers",
    config: (_config, { isPreview }) => {
      if (isPreview) return { preview: { headers: securityHeaders(moduleUrls(process.env)) } };
    },
    configResolved: ({ env }) => {
      headers = securityHeaders(moduleUrls(env));
    },
    generateBundle() {
      this.emitFile({ type: "asset", fileName: FILE, source: JSON.stringify(headers, null, 2) });
    },
  };
}

/** Return the values of `VITE_<MODULE>_URL`. */
function moduleUrls(env: Record<string, unknown>): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    /^VITE_[A-Z0-9_]+_URL$/.test(name) && typeof value === "string" && value.trim() ? [value.trim()] : [],
  );
}
