// entrance.js - The form by which people log in, for the desk and the console. It is the page's element #entrance, which is
// hidden while somebody is logged in.
import { id, make } from "./dom.js";
import { t } from "./t.js";
import { post } from "./wire.js";

export const field = (name, label, attributes) => [make("label", { for: `login-${name}` }, ...label), make("input", { id: `login-${name}`, ...attributes })];

// Makes the form. `title` is the page's name; `begin(me)` goes on with whoever has logged in; `more` are further elements of
// the form, and `given()` is called before the name goes out. Returns what shows the form, with a text below it.
export const entrance = ({ title, begin, more = [], given = () => {} }) => {
    const error = make("p", { id: "login-error", role: "alert" });
    const name = field("name", [t("Name")], { autocomplete: "username", required: true, maxlength: "64", autocapitalize: "none", spellcheck: "false" });
    const password = field("password", [t("Password")], { type: "password", autocomplete: "current-password", required: true, maxlength: "1024" });
    id("entrance").replaceChildren(make("form", { id: "login", "aria-labelledby": "login-title", onsubmit: async (event) => {
        event.preventDefault();
        error.textContent = "";
        given();
        try {
            begin(await post("api/login", { name: name[1].value.trim(), password: password[1].value }));
        } catch (refusal) {
            error.textContent = refusal.code === "login" ? t("The name or the password is wrong.") : refusal.message;
            password[1].focus();
        }
        password[1].value = "";
    } }, make("h1", { id: "login-title" }, make("img", { src: new URL("icon.svg", import.meta.url).href, alt: "", width: "28", height: "28" }), ` ${title}`),
    ...name, ...password, ...more, error, make("button", { type: "submit", class: "first" }, t("Log in"))));
    return (text = "") => {
        id("entrance").hidden = false;
        error.textContent = text;
        document.title = t("Log in – {title}", { title });
        (name[1].value ? password : name)[1].focus();
    };
};
