// editors/vscode/extension.js - Begins gcxc lsp for the .gcx files of a window, and ends it with the window; begins gcxdb
// for what is debugged, and offers a configuration per test.
const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

const adapter = {
    createDebugAdapterDescriptor() {
        const command = vscode.workspace.getConfiguration("gcx").get("debugger");
        return new vscode.DebugAdapterExecutable(command, ["--dap"]);
    },
};

// The tests of a file, by its text: each begins a line.
function testsOf(file, text) {
    const titles = [...text.matchAll(/^test "((?:[^"\\]|\\.)*)"/gm)].map((found) => found[1]);
    return titles.map((test) => ({ type: "gcx", request: "launch", name: `Test: ${test}`, program: file, test }));
}

const configurations = {
    async provideDebugConfigurations(folder) {
        const files = await vscode.workspace.findFiles(new vscode.RelativePattern(folder, "**/*.gcx"));
        const texts = await Promise.all(files.map((file) => vscode.workspace.fs.readFile(file)));
        return files.flatMap((file, i) => testsOf(file.fsPath, new TextDecoder().decode(texts[i])));
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
