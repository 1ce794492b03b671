/* compiler/lsp/begin.c - Answers initialize, with what the server can, and shutdown. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/lsp/server.h"

#include "config.h"

/* Adds the capabilities that the table of requests has. */
static void add_capabilities(json_t *can)
{
    static const struct {
        const char *name, *value;
    } rows[] = {
#define SERVER_REQUEST(method, request, capability, value, doc)          {capability, value},
#define DOCUMENT_REQUEST(method, request, focus, capability, value, doc) {capability, value},
#include "compiler/lsp/requests.def"
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!*rows[i].name) continue;
        json_t *value = json_loads(rows[i].value, JSON_DECODE_ANY, NULL);
        assert(value);
        json_object_set_new(can, rows[i].name, value);
    }
}

/* Reads what the editor can. */
static void read_editor(struct server *server, const json_t *capabilities)
{
    const json_t *workspace = json_object_get(capabilities, "workspace");
    const json_t *watched = json_object_get(workspace, "didChangeWatchedFiles");
    const json_t *offered = json_object_get(json_object_get(capabilities, "general"), "positionEncodings");
    server->watches = json_is_true(json_object_get(watched, "dynamicRegistration"));
    const json_t *refreshed = json_object_get(json_object_get(workspace, "diagnostics"), "refreshSupport");
    server->pulls = json_is_object(json_object_get(json_object_get(capabilities, "textDocument"), "diagnostic")) &&
                    json_is_true(refreshed);
    for (size_t i = 0; i < json_array_size(offered); i++) {
        const char *name = json_string_value(json_array_get(offered, i));
        if (name && strcmp(name, "utf-8") == 0) server->documents.units = UNITS_UTF8;
    }
}

/* Notes the folder that the editor has open. */
static void read_folder(struct server *server, const json_t *params)
{
    const json_t *folders = json_object_get(params, "workspaceFolders");
    const char *uri = json_string_value(json_object_get(json_array_get(folders, 0), "uri"));
    if (!uri) uri = json_string_value(json_object_get(params, "rootUri"));
    char *path = uri ? place_uri_path(uri) : NULL;
    server->folder = path ? document_whole_path(path) : NULL;
    free(path);
}

/* Positions are in UTF-16 units unless the editor offers UTF-8: then no characters have to be counted. */
void lsp_initialize(struct server *server, const json_t *params, struct lsp_answer *answer)
{
    if (server->begun) {
        answer_wrong(answer, WRONG_REQUEST, "this was said before");
        return;
    }
    server->begun = true;
    read_editor(server, json_object_get(params, "capabilities"));
    read_folder(server, params);
    json_t *can =
        json_pack("{ss s{sb si s{sb}}}", "positionEncoding", server->documents.units == UNITS_UTF8 ? "utf-8" : "utf-16",
                  "textDocumentSync", "openClose", 1, "change", 2, "save", "includeText", 0);
    add_capabilities(can);
    json_object_set_new(json_object_get(can, "semanticTokensProvider"), "legend", tokens_legend());
    if (server->pulls)
        json_object_set_new(
            can, "diagnosticProvider",
            json_pack("{ss sb sb}", "identifier", "gcxc", "interFileDependencies", 1, "workspaceDiagnostics", 1));
    answer->result =
        json_pack("{so s{ss ss}}", "capabilities", can, "serverInfo", "name", "gcxc", "version", PACKAGE_VERSION);
}

void lsp_shutdown(struct server *server, const json_t *params, struct lsp_answer *answer)
{
    (void)params;
    (void)answer;
    server->ending = true;
}
