// editors/vscode/extension.js - Begins gcxc lsp for the .gcx files of a window, and ends it with the window; begins gcxdb
// for what is debugged, and offers a configuration per test.
const { execFile } = require("child_process");
const path = require("path");
const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

const adapter = {
    createDebugAdapterDescriptor() {
        const command = vscode.workspace.getConfiguration("gcx").get("debugger");
        return new vscode.DebugAdapterExecutable(command, ["--dap"]);
    },
};

// The tests of a file as gcxc names them: those of a table have a name per row. None where it does not compile.
function testsOf(file) {
    const command = vscode.workspace.getConfiguration("gcx").get("path");
    return new Promise((done) => {
        execFile(command, ["test", "--list", file], { maxBuffer: 1 << 24 }, (error, out) => {
            const lines = error ? [] : out.split("\n").filter((line) => line.startsWith(file + ":"));
            done(lines.map((line) => line.slice(file.length).replace(/^:\d+: /, "")));
        });
    });
}

function configurationsOf(file, tests) {
    const world = { type: "gcx", request: "launch", name: `Be the world of ${path.basename(file)}`, program: file };
    const played = tests.map((test) => ({ type: "gcx", request: "launch", name: `Test: ${test}`, program: file, test }));
    return tests.length > 0 ? [...played, world] : [];
}

const configurations = {
    async provideDebugConfigurations(folder) {
        const pattern = folder ? new vscode.RelativePattern(folder, "**/*.gcx") : "**/*.gcx";
        const files = (await vscode.workspace.findFiles(pattern)).map((file) => file.fsPath).sort();
        const found = [];
        for (const file of files) found.push(...configurationsOf(file, await testsOf(file)));
        return found;
    },
};

exports.activate = async function (context) {
    context.subscriptions.push(
        vscode.debug.registerDebugAdapterDescriptorFactory("gcx", adapter),
        vscode.debug.registerDebugConfigurationProvider(
            "gcx",
            configurations,
            vscode.DebugConfigurationProviderTriggerKind.Dynamic
        )
    );
    const command = vscode.workspace.getConfiguration("gcx").get("path");
    client = new LanguageClient(
        "gcx",
        "gcxc lsp",
        { command, args: ["lsp"], transport: TransportKind.stdio },
        {
            documentSelector: [{ scheme: "file", language: "gcx" }],
            synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.{gcx,sql}") },
        }
    );
    await client.start();
};

exports.deactivate = function () {
    return client ? client.stop() : undefined;
};
