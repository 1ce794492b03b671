// further.js - Rows that come a page at a time, and the button "Further rows" behind them. An answer that comes when something
// else is asked for already is dropped.
import { attempt, button } from "../dom.js";
import { t } from "../t.js";

export class Further {
    // ask(next): the answer; its `next` says where the rows behind it begin. show(answer, first): shows it.
    constructor(ask, show, attributes = {}) {
        Object.assign(this, { ask, show, asked: {}, next: undefined });
        this.button = button(t("Further rows"), attempt(() => this.take(false)), { hidden: true, ...attributes });
    }
    // What is shown answers nothing any more, or another question: `next`: where its further rows begin.
    anew(next) {
        this.asked = {};
        this.next = next;
        this.button.hidden = (next ?? null) === null;
    }
    begin() {
        this.anew();
        return this.take(true);
    }
    async take(first) {
        const { asked } = this, answer = await this.ask(this.next);
        if (asked !== this.asked) return;
        this.anew(answer.next);
        this.show(answer, first);
    }
}
