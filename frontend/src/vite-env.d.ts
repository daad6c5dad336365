/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** The base URL of a module, such as `http://127.0.0.1:8002`. Default: that of the page. */
  readonly [url: `VITE_${string}_URL`]: string | undefined;
}
