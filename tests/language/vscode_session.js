// tests/language/vscode_session.js EXTENSION GCXC FOLDER - Runs the extension for Visual Studio Code as its window would, with
// a client of ours in place of its library: the server is begun as the extension says it, asked as such a window asks,
// and ended with it.
const assert = require("assert");
const { spawn } = require("child_process");
const fs = require("fs");
const Module = require("module");
const path = require("path");

const [extension, gcxc, folder] = process.argv.slice(2);
const settings = { path: gcxc, debugger: "gcxdb" };
let client, provider;

class LanguageClient {
    constructor(id, name, server, options) {
        Object.assign(this, { server, options, bytes: Buffer.alloc(0), waiting: new Map(), number: 0 });
        client = this;
    }

    send(message) {
        const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
        this.process.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
        this.process.stdin.write(body);
    }

    ask(method, params) {
        const id = ++this.number;
        this.send({ id, method, params });
        return new Promise((done, failed) => this.waiting.set(id, { done, failed }));
    }

    read(data) {
        this.bytes = Buffer.concat([this.bytes, data]);
        for (;;) {
            const head = this.bytes.indexOf("\r\n\r\n");
            const length = head < 0 ? 0 : Number(/Content-Length: (\d+)/.exec(this.bytes.subarray(0, head).toString())[1]);
            if (head < 0 || this.bytes.length < head + 4 + length) return;
            const message = JSON.parse(this.bytes.subarray(head + 4, head + 4 + length).toString());
            this.bytes = this.bytes.subarray(head + 4 + length);
            assert(message.method !== "textDocument/publishDiagnostics", "this window asks for what is found");
            const waiting = message.method ? undefined : this.waiting.get(message.id);
            if (waiting) message.error ? waiting.failed(new Error(message.error.message)) : waiting.done(message.result);
        }
    }

    async start() {
        assert.strictEqual(this.server.transport, "stdio");
        this.process = spawn(this.server.command, this.server.args);
        this.process.stdout.on("data", (data) => this.read(data));
        const capabilities = {
            general: { positionEncodings: ["utf-16"] },
            textDocument: { diagnostic: { dynamicRegistration: true, relatedDocumentSupport: false } },
            workspace: { diagnostics: { refreshSupport: true }, didChangeWatchedFiles: { dynamicRegistration: true } },
        };
        const uri = `file://${folder}`;
        this.can = (await this.ask("initialize", { rootUri: uri, workspaceFolders: [{ uri, name: "site" }], capabilities })).capabilities;
        this.send({ method: "initialized", params: {} });
    }

    async stop() {
        await this.ask("shutdown");
        this.send({ method: "exit" });
        this.status = await new Promise((done) => this.process.on("exit", done));
    }
}

const vscode = {
    DebugAdapterExecutable: class {},
    DebugConfigurationProviderTriggerKind: { Dynamic: 2 },
    RelativePattern: class {},
    workspace: {
        getConfiguration: () => ({ get: (name) => settings[name] }),
        createFileSystemWatcher: (pattern) => pattern,
        findFiles: async () => fs.readdirSync(folder).filter((name) => name.endsWith(".gcx")).map((name) => ({ fsPath: path.join(folder, name) })),
    },
    debug: {
        registerDebugAdapterDescriptorFactory: () => ({}),
        registerDebugConfigurationProvider: (type, made) => (provider = made),
    },
};
const load = Module._load;
Module._load = (name, ...rest) =>
    name === "vscode" ? vscode
    : name === "vscode-languageclient/node" ? { LanguageClient, TransportKind: { stdio: "stdio" } }
    : load(name, ...rest);

async function session() {
    const { activate, deactivate } = require(path.resolve(extension));
    await activate({ subscriptions: [] });
    const file = path.join(folder, "enterprise.gcx");
    const uri = `file://${file}`;
    const text = fs.readFileSync(file, "utf8").replace("skill French", "skill Frensh");
    assert.deepStrictEqual(client.options.documentSelector, [{ scheme: "file", language: "gcx" }]);
    client.send({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "gcx", version: 1, text } } });
    const found = await client.ask("textDocument/diagnostic", { textDocument: { uri } });
    assert.deepStrictEqual(found.items.map((one) => one.code), ["E0412"]);
    const all = await client.ask("workspace/diagnostic", { previousResultIds: [] });
    assert(all.items.some((one) => one.uri === uri && one.items.some((other) => other.code === "E0412")), JSON.stringify(all));
    const range = found.items[0].range;
    const [fix] = await client.ask("textDocument/codeAction", { textDocument: { uri }, range, context: { diagnostics: found.items } });
    assert.strictEqual(fix.edit.changes[uri][0].newText, "French");
    const offered = await client.ask("textDocument/completion", { textDocument: { uri }, position: range.start });
    assert(offered.items.some((one) => one.label === "French"));
    assert(client.can.semanticTokensProvider.full && client.can.callHierarchyProvider && client.can.inlayHintProvider);
    const played = await provider.provideDebugConfigurations();
    assert(played.some((one) => one.test === "a gold French caller reaches Marie"), JSON.stringify(played));
    await deactivate();
    assert.strictEqual(client.status, 0);
}

session().then(
    () => console.log("the extension's server answers"),
    (error) => {
        console.log("FAILED", error);
        process.exit(1);
    },
);
