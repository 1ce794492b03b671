// editors/vscode/extension.js - Begins gcxc lsp for the .gcx files of a window, and ends it with the window.
const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

exports.activate = async function () {
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
