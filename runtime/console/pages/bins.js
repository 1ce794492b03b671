// bins.js - The table of queues and workbins: mails, tasks and so on that wait until somebody takes them.
import { t } from "../t.js";
import { forUs, nowUs } from "./figures.js";
import { interactions } from "./interactions.js";
import { Table } from "./table.js";

const ALL = "*"; // the owner of a workbin that is open to all
const COLUMNS = [
    { name: "name", text: t("Queue or workbin"), of: (row) => row.name },
    { name: "whose", text: t("Whose"), of: (row) => (row.whose === ALL ? t("everybody's") : row.whose ? row.called(row.whose) : "") },
    { name: "waiting", text: t("Waiting"), figure: true, by: (row) => row.waiting, of: (row) => String(row.waiting), press: (row) => row.waits() },
    { name: "since", text: t("The first waits for"), figure: true, by: (row) => (row.since_us ? nowUs() - row.since_us : -1), of: (row) => forUs(row.since_us) },
];
export class Bins extends Table {
    constructor(agents) {
        super({ name: "bins", title: t("Mails and tasks in queues and workbins"), columns: COLUMNS, key: (row) => row.place, sort: ["waiting", true], hides: true });
        this.agents = agents;
    }
    take(row) {
        super.take({ ...row, called: this.agents.called, waits: () => interactions({ title: t("Waiting in {name}", { name: row.name }), bin: row.name, bin_of: row.whose, called: this.agents.called }) });
    }
}
