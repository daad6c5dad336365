/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** Where a module's service is, such as `http://127.0.0.1:8002`; unset: where the page is. */
  readonly [url: `VITE_${string}_URL`]: string | undefined;
}
