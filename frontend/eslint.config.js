import js from "@eslint/js";
import vue from "eslint-plugin-vue";
import tseslint from "typescript-eslint";

const ONLY_PLUGINS =
  "Only src/plugins/ imports from src/clients/: use or extend an adapter there instead.";

/** Matches a path into src/clients/, in the syntax of a selector. */
const CLIENTS = "/(^|\\/)clients(\\/|$)/";

export default tseslint.config(
  { ignores: ["src/clients/", "dist/", ".venv/", ".cache/", "tests/fixtures/"] },
  js.configs.recommended,
  tseslint.configs.strict,
  vue.configs["flat/recommended"],
  {
    files: ["**/*.vue"],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  {
    files: ["**/*.ts", "**/*.vue"],
    // The compiler checks this.
    rules: { "no-undef": "off" },
  },
  {
    files: ["scripts/**/*.mjs"],
    languageOptions: { globals: { console: "readonly", process: "readonly" } },
    rules: { "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }] },
  },
  {
    // Line breaks in templates are the author's choice.
    files: ["**/*.vue"],
    rules: {
      "vue/max-attributes-per-line": "off",
      "vue/singleline-html-element-content-newline": "off",
      "vue/html-self-closing": "off",
    },
  },
  {
    files: ["src/**"],
    ignores: ["src/plugins/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ regex: "(^|/)clients(/|$)", message: ONLY_PLUGINS }] },
      ],
      "no-restricted-syntax": [
        "error",
        ...[
          `ImportExpression[source.value=${CLIENTS}]`,
          `ImportExpression > TemplateLiteral TemplateElement[value.raw=${CLIENTS}]`,
          `TSImportType[source.value=${CLIENTS}]`,
          `CallExpression[callee.property.name="glob"] Literal[value=${CLIENTS}]`,
          `CallExpression[callee.property.name="glob"] TemplateElement[value.raw=${CLIENTS}]`,
        ].map((selector) => ({ selector, message: ONLY_PLUGINS })),
      ],
    },
  },
);
