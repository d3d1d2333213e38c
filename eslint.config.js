import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: [
      "**/dist/**",
      "**/node_modules/**",
      "contract/ts/src/generated.ts",
      "server/**",
      "tests/**",
      ".venv/**",
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // An arrow that only calls something may answer what that answers.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "no-console": "error",
      eqeqeq: "error",
      "max-lines": ["error", 400],
      "max-lines-per-function": ["error", { max: 60, skipComments: true }],
    },
  },
  {
    files: ["**/tests/**", "**/live/**"],
    rules: {
      "max-lines-per-function": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/unbound-method": "off",
    },
  },
  {
    files: ["webapp/src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      "max-lines": ["error", 250],
      "no-restricted-imports": [
        "error",
        {
          paths: [
            { name: "zod", message: "Import z from @/ui/schema: it makes no code from text." },
          ],
        },
      ],
      // A component is mostly what it draws.
      "max-lines-per-function": ["error", { max: 80, skipComments: true, skipBlankLines: true }],
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // It takes every asynchronous function for one that sets state at once.
      "react-hooks/set-state-in-effect": "off",
      // Handlers of forms and clicks may be asynchronous; what they await tells its own failures.
      "@typescript-eslint/no-misused-promises": [
        "error",
        { checksVoidReturn: { attributes: false } },
      ],
    },
  },
  { files: ["webapp/src/ui/schema.ts"], rules: { "no-restricted-imports": "off" } },
  {
    files: ["webapp/**/*.test.{ts,tsx}", "webapp/src/test/**"],
    rules: {
      "max-lines-per-function": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/unbound-method": "off",
    },
  },
  { files: ["**/*.config.ts", "*.js", "**/*.mjs"], ...tseslint.configs.disableTypeChecked },
  { files: ["**/*.mjs"], languageOptions: { globals: { process: "readonly", URL: "readonly" } } },
);
