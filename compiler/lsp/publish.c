/* compiler/lsp/publish.c - Publishes the diagnostics of the documents and of the files that they import.
 *
 *     document --analysis--> found: uri -> [diagnostic, ...]      a file that is imported has its own uri
 *     all documents' found, each diagnostic once --> one list per uri
 *     a list that differs from what was published last --> textDocument/publishDiagnostics
 *
 * In focus only one strategy is checked again. For the rest of the document the earlier diagnostics are used, moved
 * by as many lines as the strategy has grown. An empty list removes the diagnostics that were published for a file. */
#include "compiler/lsp/server.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PUBLISHED_MAX = 500 }; /* diagnostics per file */

static json_t *publish_related(const struct analysis *analysis, const struct diag *diag)
{
    json_t *list = json_array();
    for (const struct diag_note *note = diag->first_note; note; note = note->next) {
        json_t *location = analysis_location(analysis, note->span);
        if (location) json_array_append_new(list, json_pack("{so ss}", "location", location, "message", note->text));
    }
    return list;
}

/* Returns the protocol's severity: error, warning, and information for a note and for a finding of lint, whose code is
 * correct. */
static int publish_severity(const struct diag *diag)
{
    if (diag->severity == ERROR) return 1;
    return diag->severity == NOTE || diag_code_text(diag->code)[0] == 'L' ? 3 : 2;
}

/* A diagnostic without a place is put at the beginning of the document. The hint becomes a second line of the
 * message. */
json_t *publish_diagnostic_json(const struct analysis *analysis, const struct diag *diag)
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
    json_t *json = json_pack("{so si ss ss so}", "range", range, "severity", publish_severity(diag), "code",
                             diag_called(diag), "source", "gcxc", "message", text);
    if (diag->first_note) json_object_set_new(json, "relatedInformation", publish_related(analysis, diag));
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

/* Returns the value of that name; where there is none, `fresh` is put there and returned. */
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

/* True: the diagnostic comes from the lexer or the parser, whose codes begin with E01 or E02. */
static bool is_of_syntax(const char *code)
{
    return !strncmp(code, "E01", 3) || !strncmp(code, "E02", 3);
}

/* Is the diagnostic one of an analysis in focus? An error outside of the strategy counts only if it is one of syntax,
 * which the strategy's braces and quotes can cause, as the base parsed. */
static bool told_in_focus(const struct document *document, const struct diag *diag)
{
    const struct source *source = document->analysis->source;
    struct source_span span = focus_span(document->focus);
    if (!source || source_set_at(document->analysis->program->sources, diag->span.begin) != source) return false;
    uint32_t at = diag->span.begin - source->base;
    return (at >= span.begin && at <= span.end) || is_of_syntax(diag_code_text(diag->code));
}

/* Returns the diagnostics of a document's analysis: from each URI to a list. A diagnostic without a place is put
 * into the list of the document. */
static json_t *found_in(const struct document *document)
{
    const struct analysis *analysis = document->analysis;
    json_t *found = json_object(), *there = json_object();
    size_t count;
    struct diag **sorted = diags_sorted(analysis->program->diags, &count);
    for (size_t i = 0; i < count; i++) {
        if (document->known == KNOWN_FOCUS && !told_in_focus(document, sorted[i])) continue;
        char *uri = analysis_uri(analysis, sorted[i]->span);
        const char *of = uri ? uri : document->uri;
        json_t *list = put_under(found, of, json_array());
        if (json_array_size(list) < PUBLISHED_MAX)
            add_new(list, put_under(there, of, json_object()), publish_diagnostic_json(analysis, sorted[i]));
        free(uri);
    }
    json_decref(there);
    return found;
}

json_t *publish_found(const struct analysis *analysis)
{
    json_t *found = json_object(), *there = json_object();
    size_t count;
    struct diag **sorted = diags_sorted(analysis->program->diags, &count);
    EACH_NODE (file, analysis->program->files) { /* a file of which nothing is found has an empty list */
        char *uri = analysis_uri(analysis, file->span);
        const struct source *source = source_set_at(analysis->program->sources, file->span.begin);
        if (uri && source && !source->built_in) put_under(found, uri, json_array());
        free(uri);
    }
    for (size_t i = 0; i < count; i++) {
        char *uri = analysis_uri(analysis, sorted[i]->span);
        json_t *list = uri ? json_object_get(found, uri) : NULL;
        if (list && json_array_size(list) < PUBLISHED_MAX)
            add_new(list, put_under(there, uri, json_object()), publish_diagnostic_json(analysis, sorted[i]));
        free(uri);
    }
    json_decref(there);
    return found;
}

/* Adds the diagnostics found by another document. Several documents may read one file, whose diagnostics are
 * published once. */
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
        json_t *both = json_array(), *there = json_object(); /* the list came from the analysis of another document */
        for (size_t i = 0; i < json_array_size(said); i++) add_new(both, there, json_incref(json_array_get(said, i)));
        for (size_t i = 0; i < json_array_size(list); i++) add_new(both, there, json_incref(json_array_get(list, i)));
        json_decref(there);
        json_object_set_new(found, uri, both);
    }
}

static void lsp_publish(struct server *server, const char *uri, json_t *list)
{
    if (server->pulls) return;
    const struct document *document = document_named(&server->documents, uri);
    json_t *params = json_pack("{ss sO}", "uri", uri, "diagnostics", list);
    if (document) json_object_set_new(params, "version", json_integer(document->version));
    server_notify(server, "textDocument/publishDiagnostics", params);
}

/* Has any file changed that the document reads, or that may use what nobody used in it? */
static bool publish_concerned(const struct documents *documents, const struct document *document)
{
    if (document->changed || !document->analysis) return true;
    for (const struct document *other = documents->first; other; other = other->next)
        if (other->changed && (document->lonely || analysis_read(document->analysis, other->path))) return true;
    return false;
}

static void line_move(json_t *diagnostic, const char *end, json_int_t lines)
{
    json_t *place = json_object_get(json_object_get(diagnostic, "range"), end);
    json_object_set_new(place, "line", json_integer(json_integer_value(json_object_get(place, "line")) + lines));
}

/* Adds to the diagnostics in focus the earlier ones of the rest of the document. `first`: the strategy's first line;
 * `last`: its last line at the earlier check; all lines after it have moved by `lines`. */
static void add_beside(json_t *list, const json_t *before, json_int_t first, json_int_t last, json_int_t lines)
{
    for (size_t i = 0; i < json_array_size(before) && json_array_size(list) < PUBLISHED_MAX; i++) {
        json_t *one = json_array_get(before, i), *range = json_object_get(one, "range");
        json_int_t line = json_integer_value(json_object_get(json_object_get(range, "start"), "line"));
        if ((line >= first && line <= last) || is_of_syntax(json_string_value(json_object_get(one, "code")))) continue;
        one = json_deep_copy(one);
        if (line > last) line_move(one, "start", lines);
        if (line > last) line_move(one, "end", lines);
        json_array_append_new(list, one);
    }
}

/* Does the rule find a declaration that nobody uses, though another file of the site may? */
static bool publish_is_lonely(const struct diag *diag)
{
    return diag->code == DIAG_LINT_UNUSED_FUNCTION || diag->code == DIAG_LINT_UNUSED_CONSTANT ||
           diag->code == DIAG_LINT_UNUSED_RECORD || diag->code == DIAG_LINT_UNUSED_ENUM;
}

/* Drops the findings about declarations that another file of the site uses. The site is compiled only where there are
 * such findings: they are few. */
static void publish_drop_used(const struct documents *documents, struct document *document)
{
    struct analysis *site = NULL;
    size_t count;
    document->lonely = false;
    struct diag **sorted = diags_sorted(document->analysis->program->diags, &count);
    for (size_t i = 0; i < count && !document->apart; i++) {
        if (!publish_is_lonely(sorted[i])) continue;
        document->lonely = true;
        if (!site) site = around_beside(documents, document);
        const struct diag *other = diags_first(site->program->diags);
        while (other && (other->dropped || other->code != sorted[i]->code || strcmp(other->text, sorted[i]->text) != 0))
            other = other->next;
        sorted[i]->dropped = !other;
    }
    analysis_free(site);
}

/* Checks the whole document; a new base for focus replaces the old one only where the text parses. */
static void document_check_whole(const struct documents *documents, struct document *document)
{
    analysis_free(document->analysis);
    json_decref(document->found);
    document->analysis = analysis_make(documents, document->path, NULL);
    publish_drop_used(documents, document);
    document->known = KNOWN_WHOLE;
    document->found = found_in(document);
    struct focus *focus = focus_new(document->analysis, documents);
    if (!focus) return; /* the text does not parse: the old base stays in use */
    focus_free(document->focus);
    document->focus = focus;
}

/* Checks the document in focus; `lines` is first its earlier number of lines, then by how many it has grown. */
static void document_check_focus(const struct documents *documents, struct document *document)
{
    const struct source *source = document->analysis->source;
    json_int_t lines = source ? source->line_count : 0;
    analysis_free(document->analysis);
    document->analysis = analysis_make(documents, document->path, document->focus);
    document->known = KNOWN_FOCUS;
    source = document->analysis->source;
    if (!source) return;
    struct source_span span = focus_span(document->focus);
    json_int_t first = source_line_at(source, span.begin), last = source_line_at(source, span.end);
    lines = source->line_count - lines;
    json_t *before = document->found, *found = found_in(document);
    json_t *list = put_under(found, document->uri, json_array());
    add_beside(list, json_object_get(before, document->uri), first, last - lines, lines);
    json_object_update_missing(found, before);
    json_decref(before);
    document->found = found;
}

/* Does each changed document differ from its base within one strategy only? */
static bool documents_focus(const struct documents *documents)
{
    for (const struct document *document = documents->first; document; document = document->next)
        if (document->changed && (!document->focus || !focus_set(document->focus, document->text, document->length)))
            return false;
    return true;
}

/* `changed` is cleared at the end: until then it marks documents whose list is sent even if it is the same, since
 * editors drop old lists. */
void server_check_documents(struct server *server, bool whole)
{
    struct documents *documents = &server->documents;
    json_t *found = json_object(), *none = json_array(), *list;
    const char *uri;
    bool focused = !whole && documents_focus(documents), later = false;
    for (struct document *document = documents->first; document; document = document->next) {
        bool late = document->known != KNOWN_WHOLE;
        if (!focused && (late || publish_concerned(documents, document)))
            document_check_whole(documents, document);
        else if (focused && document->changed)
            document_check_focus(documents, document);
        else if (focused && publish_concerned(documents, document))
            document->known = KNOWN_NOT;
        add_found(found, document->found);
    }
    for (struct document *document = documents->first; document; document = document->next)
        if (!json_object_get(found, document->uri)) json_object_set(found, document->uri, none);
    json_object_foreach(found, uri, list)
    {
        const struct document *document = document_named(documents, uri);
        bool same = json_equal(json_object_get(server->published, uri), list);
        if ((document && document->changed) || !same) lsp_publish(server, uri, list);
        later = later || (!same && !(document && document->changed));
    }
    json_object_foreach(server->published, uri, list) if (!json_object_get(found, uri) && json_array_size(list) > 0)
        lsp_publish(server, uri, none);
    for (struct document *document = documents->first; document; document = document->next) document->changed = false;
    json_decref(server->published);
    json_decref(none);
    server->published = found;
    /* an editor asks by itself about a document that has changed, and not about the others */
    if (server->pulls && later)
        server_put_message(server, json_pack("{ss ss ss}", "jsonrpc", "2.0", "id", "refresh", "method",
                                             "workspace/diagnostic/refresh"));
}
