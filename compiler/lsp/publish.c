/* compiler/lsp/publish.c - What is wrong, told to the editor: of the documents, and of what they import. */
#include "compiler/lsp/server.h"

#include <stdlib.h>
#include <string.h>

enum { PUBLISHED_MAX = 500 }; /* of one file */

static json_t *related(const struct analysis *analysis, const struct diag *diag)
{
    json_t *list = json_array();
    for (const struct diag_note *note = diag->first_note; note; note = note->next) {
        json_t *location = analysis_location(analysis, note->span);
        if (location)
            json_array_append_new(list, json_pack("{so ss}", "location", location, "message", note->text));
    }
    return list;
}

/* Of the protocol: what a rule of lint finds is right, and yet not good. */
static int severity_of(enum diag_code code)
{
    if (diag_code_severity(code) == ERROR) return 1;
    return diag_code_text(code)[0] == 'L' ? 3 : 2;
}

json_t *diagnostic_json(const struct analysis *analysis, const struct diag *diag)
{
    struct span nowhere = {0, 0};
    struct span span = diag->span.begin ? diag->span : analysis->source
                                        ? (struct span){analysis->source->base, analysis->source->base}
                                        : nowhere;
    json_t *range = analysis_range(analysis, span);
    if (!range)
        range = json_pack("{s{sisi}s{sisi}}", "start", "line", 0, "character", 0, "end", "line", 0, "character", 0);
    const char *message = diag->text;
    if (diag->hint) message = arena_printf(analysis->arena, "%s\n%s", diag->text, diag->hint);
    json_t *text = json_string(message);
    if (!text) text = json_string("what is wrong here quotes what is not UTF-8");
    json_t *json = json_pack("{so si ss ss so}", "range", range, "severity",
                             severity_of(diag->code), "code", diag_code_text(diag->code),
                             "source", "gcxc", "message", text);
    if (diag->first_note) json_object_set_new(json, "relatedInformation", related(analysis, diag));
    return json;
}

static bool has(const json_t *list, const json_t *one)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_equal(json_array_get(list, i), one)) return true;
    return false;
}

/* What one document's analysis found, added to what is said of each file. */
static void add_found(json_t *found, const struct document *document)
{
    const struct analysis *analysis = document->analysis;
    size_t count;
    struct diag **sorted = diags_sorted(analysis->program->diags, &count);
    for (size_t i = 0; i < count; i++) {
        char *uri = analysis_uri(analysis, sorted[i]->span), *own = path_uri(document->path);
        const char *where = uri && strcmp(uri, own) != 0 ? uri : document->uri;
        json_t *list = json_object_get(found, where);
        if (!list) {
            list = json_array();
            json_object_set_new(found, where, list);
        }
        json_t *one = diagnostic_json(analysis, sorted[i]);
        if (json_array_size(list) < PUBLISHED_MAX && !has(list, one)) json_array_append(list, one);
        json_decref(one);
        free(uri);
        free(own);
    }
}

/* A file that is open goes by the name that the editor has for it. */
static void rename_open(const struct documents *documents, json_t *found)
{
    for (const struct document *document = documents->first; document; document = document->next) {
        char *own = path_uri(document->path);
        json_t *list = strcmp(own, document->uri) != 0 ? json_object_get(found, own) : NULL;
        json_t *there = json_object_get(found, document->uri);
        for (size_t i = 0; there && i < json_array_size(list); i++)
            if (!has(there, json_array_get(list, i))) json_array_append(there, json_array_get(list, i));
        if (list && !there) json_object_set(found, document->uri, list);
        if (list) json_object_del(found, own);
        free(own);
    }
}

static void publish(struct server *server, const char *uri, json_t *list)
{
    const struct document *document = document_named(&server->documents, uri);
    json_t *params = json_pack("{ss sO}", "uri", uri, "diagnostics", list);
    if (document) json_object_set_new(params, "version", json_integer(document->version));
    server_notify(server, "textDocument/publishDiagnostics", params);
}

/* Is a file that it read among those that have changed? */
static bool concerned(const struct documents *documents, const struct document *document)
{
    if (document->changed || !document->analysis) return true;
    for (const struct document *other = documents->first; other; other = other->next)
        if (other->changed && analysis_read(document->analysis, other->path)) return true;
    return false;
}

void server_check(struct server *server)
{
    struct documents *documents = &server->documents;
    json_t *found = json_object(), *none = json_array(), *list;
    const char *uri;
    for (struct document *document = documents->first; document; document = document->next) {
        if (concerned(documents, document)) {
            analysis_free(document->analysis);
            document->analysis = analysis_make(documents, document->path);
        }
        add_found(found, document);
    }
    rename_open(documents, found);
    for (struct document *document = documents->first; document; document = document->next)
        if (!json_object_get(found, document->uri)) json_object_set(found, document->uri, none);
    json_object_foreach(found, uri, list) {
        const struct document *document = document_named(documents, uri);
        if ((document && document->changed) || !json_equal(json_object_get(server->published, uri), list))
            publish(server, uri, list);
    }
    json_object_foreach(server->published, uri, list)
        if (!json_object_get(found, uri) && json_array_size(list) > 0) publish(server, uri, none);
    for (struct document *document = documents->first; document; document = document->next) document->changed = false;
    json_decref(server->published);
    json_decref(none);
    server->published = found;
}
