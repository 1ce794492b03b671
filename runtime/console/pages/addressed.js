// addressed.js - A page that has parts of its own behind a slash of the address, as #/quality/12: it draws its list, or one.
import { id } from "../dom.js";
import { t } from "../t.js";

// name: of the page; list() and one(part) draw. `page` has what was told at the start while the page is shown, else null.
export const addressed = (name, { list, one }) => {
    const at = {
        page: null,
        part: () => decodeURIComponent(location.hash.split("/")[2] || ""),
        start: (me, told) => {
            at.page = { me, ...told };
            moved();
        },
        stop: () => {
            at.page = null;
            id("now").replaceChildren();
        },
    };
    const moved = async () => {
        const { page } = at;
        if (!page || !location.hash.startsWith(`#/${name}`)) return;
        page.line("");
        try {
            await (at.part() ? one(at.part()) : list());
        } catch (error) {
            if (at.page === page) if (error.status === 401) page.over(t("The session is over.")); else page.line(error.message);
        }
    };
    addEventListener("hashchange", moved);
    return at;
};
