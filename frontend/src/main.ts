import { createApp } from "vue";
import { createWebHistory } from "vue-router";
import App from "./App.vue";
import { createPageRouter } from "./router";
import "./style.css";

createApp(App)
  .use(createPageRouter(createWebHistory(import.meta.env.BASE_URL)))
  .mount("#app");
