/* compiler/lsp/publish.c - Publishes the diagnostics of the documents and of the files that they import. */
#include "compiler/lsp/server.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PUBLISHED_MAX = 500 }; /* diagnostics per file */

static json_t *related(const struct analysis *analysis, const struct diag *diag)
{
    json_t *list = json_array();
    for (const struct diag_note *note = diag->first_note; note; note = note->next) {
        json_t *location = analysis_location(analysis, note->span);
        if (location) json_array_append_new(list, json_pack("{so ss}", "location", location, "message", note->text));
    }
    return list;
}

/* The protocol's severity: error, warning, and information for a finding of lint, whose code is correct. */
static int severity_of(enum diag_code code)
{
    if (diag_code_severity(code) == ERROR) return 1;
    return diag_code_text(code)[0] == 'L' ? 3 : 2;
}

json_t *diagnostic_json(const struct analysis *analysis, const struct diag *diag)
{
    struct source_span nowhere = {0, 0};
    struct source_span span = diag->span.begin   ? diag->span
                              : analysis->source ? (struct source_span){analysis->source->base, analysis->source->base}
                                                 : nowhere;
    json_t *range = analysis_range(analysis, span);
    if (!range)
        range = json_pack("{s{sisi}s{sisi}}", "start", "line", 0, "character", 0, "end", "line", 0, "character", 0);
    const char *message = diag->text;
    if (diag->hint) message = arena_printf(analysis->arena, "%s\n%s", diag->text, diag->hint);
    json_t *text = json_string(message);
    if (!text) text = json_string("what is wrong here quotes what is not UTF-8");
    json_t *json = json_pack("{so si ss ss so}", "range", range, "severity", severity_of(diag->code), "code",
                             diag_code_text(diag->code), "source", "gcxc", "message", text);
    if (diag->first_note) json_object_set_new(json, "relatedInformation", related(analysis, diag));
    return json;
}

/* Adds a diagnostic unless the list has it or is full. `there` has the texts of the list's diagnostics as keys. */
static void add_new(json_t *list, json_t *there, json_t *one)
{
    char *text = json_dumps(one, JSON_COMPACT);
    if (!text) abort();
    bool is_new = !json_object_get(there, text) && json_array_size(list) < PUBLISHED_MAX;
    if (is_new) json_object_set_new_nocheck(there, text, json_true());
    free(text);
    if (is_new)
        json_array_append_new(list, one);
    else
        json_decref(one);
}

/* The value under the name; `fresh`, which is put there, where there is none. */
static json_t *put_under(json_t *object, const char *name, json_t *fresh)
{
    assert(json_is_object(object));
    json_t *value = json_object_get(object, name);
    if (value)
        json_decref(fresh);
    else
        json_object_set_new(object, name, fresh);
    return value ? value : fresh;
}

/* The diagnostics of a document's analysis: uri to list. One without a place goes to the document. */
static json_t *found_in(const struct document *document)
{
    const struct analysis *analysis = document->analysis;
    json_t *found = json_object(), *there = json_object();
    size_t count;
    struct diag **sorted = diags_sorted(analysis->program->diags, &count);
    for (size_t i = 0; i < count; i++) {
        char *uri = analysis_uri(analysis, sorted[i]->span);
        const char *of = uri ? uri : document->uri;
        json_t *list = put_under(found, of, json_array());
        if (json_array_size(list) < PUBLISHED_MAX)
            add_new(list, put_under(there, of, json_object()), diagnostic_json(analysis, sorted[i]));
        free(uri);
    }
    json_decref(there);
    return found;
}

/* Adds the diagnostics of another document. Several documents may read one file, whose diagnostics count once. */
static void add_found(json_t *found, const json_t *more)
{
    const char *uri;
    json_t *list;
    json_object_foreach((json_t *)more, uri, list)
    {
        json_t *said = json_object_get(found, uri);
        if (!said) {
            json_object_set(found, uri, list);
            continue;
        }
        json_t *both = json_array(), *there = json_object(); /* the entry came from another document's analysis */
        for (size_t i = 0; i < json_array_size(said); i++) add_new(both, there, json_incref(json_array_get(said, i)));
        for (size_t i = 0; i < json_array_size(list); i++) add_new(both, there, json_incref(json_array_get(list, i)));
        json_decref(there);
        json_object_set_new(found, uri, both);
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

void server_check_document(struct server *server)
{
    struct documents *documents = &server->documents;
    json_t *found = json_object(), *none = json_array(), *list;
    const char *uri;
    for (struct document *document = documents->first; document; document = document->next) {
        if (concerned(documents, document)) {
            analysis_free(document->analysis);
            json_decref(document->found);
            document->analysis = analysis_make(documents, document->path);
            document->found = found_in(document);
        }
        add_found(found, document->found);
    }
    for (struct document *document = documents->first; document; document = document->next)
        if (!json_object_get(found, document->uri)) json_object_set(found, document->uri, none);
    json_object_foreach(found, uri, list)
    {
        const struct document *document = document_named(documents, uri);
        if ((document && document->changed) || !json_equal(json_object_get(server->published, uri), list))
            publish(server, uri, list);
    }
    json_object_foreach(server->published, uri, list) if (!json_object_get(found, uri) && json_array_size(list) > 0)
        publish(server, uri, none);
    for (struct document *document = documents->first; document; document = document->next) document->changed = false;
    json_decref(server->published);
    json_decref(none);
    server->published = found;
}
