// responses.js - Standard responses: found by words, filled in for the contact and the agent, put where the agent writes.
import { attempt, complain, dialog, make, labelled } from "./dom.js";
import { stored } from "./contact.js";
import { get } from "./wire.js";

// Responses of the category that a strategy has found for the item come first, each group in the order of the store.
const nearFirst = (responses, item) => {
    const near = (one) => Number(one.category.toLowerCase() === String(item.data?.category ?? "").toLowerCase());
    return responses.sort((a, b) => near(b) - near(a));
};

// `category`: templates alone.
export const choose = attempt(async (item, use, category) => {
    const responses = nearFirst((await get("api/responses", { category })).responses, item);
    dialog(category ? "Templates" : "Standard responses", (close) => {
        const list = make("ul", { class: "choices" });
        const pick = attempt(async (response) => {
            const contact = await stored(item).then((one) => one.contact, () => undefined);
            const filled = await get(`api/responses/${response.response}`, { contact, name: contact ? undefined : item.data?.sender_name });
            close();
            use(filled.text);
            if (filled.unknown) complain({ text: `${filled.unknown === 1 ? "A field is" : `${filled.unknown} fields are`} not known for this contact: look for {…} before you send it.` });
        });
        const find = make("input", { oninput: () => fill() });
        const fill = () => {
            const words = find.value.toLowerCase().split(/\s+/);
            const good = responses.filter((one) => words.every((word) => `${one.category} ${one.name} ${one.text}`.toLowerCase().includes(word)));
            list.replaceChildren(...good.map((one) => make("li", {}, make("button", { type: "button", class: "entry", onclick: () => pick(one) },
                make("span", { class: "subject" }, one.name), make("span", { class: "quiet" }, [one.category, one.language].filter(Boolean).join(" · ")),
                make("span", { class: "quiet" }, one.text.slice(0, 160))))));
            if (!good.length) list.append(make("li", { class: "none" }, responses.length ? "None has these words." : "There are no standard responses."));
        };
        find.onkeydown = (event) => { if (event.key === "Enter") { event.preventDefault(); list.querySelector("button")?.click(); } };
        fill();
        return [labelled("Words", find), list];
    }, item);
});
