/* compiler/lsp/documents.c - Opens, changes and closes documents.
 *
 * The texts here are what the editor shows; the files on disk may be older. The compiler reads through an overlay,
 * which returns an open document's text for its path, so that imports of an unsaved file are checked as the author
 * sees them. Paths are compared by realpath(): editor and compiler may name one file differently.
 *
 * Changes come as ranges in the agreed units (place.h), each one in the text that the previous change left. A change
 * that does not fit the text closes the document: from then on the server and the editor would have different texts,
 * and every answer would point to a wrong place. The editor has to open the document again. */
#include "compiler/lsp/documents.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/lsp/analysis.h"
#include "base/memory.h"

/* Returns the text of an open document; this is called for each file that the compiler opens, so a server without
 * documents (as in gcxc check) must cost nothing. */
static const char *overlay_read(void *self, const char *path, size_t *length)
{
    const struct documents *documents = self;
    if (!documents->first) return NULL;
    char *whole = document_whole_path(path);
    const struct document *document = document_of(documents, whole);
    free(whole);
    if (!document) return NULL;
    *length = document->length;
    return document->text;
}

void documents_begin(struct documents *documents)
{
    *documents = (struct documents){0};
    documents->overlay = (struct source_overlay){documents, overlay_read};
}

static void document_free(struct document *document)
{
    if (!document) return;
    analysis_free(document->analysis);
    focus_free(document->focus);
    json_decref(document->found);
    json_decref(document->tokens);
    free(document->uri);
    free(document->path);
    free(document->text);
    free(document);
}

void documents_free(struct documents *documents)
{
    while (documents->first) {
        struct document *document = documents->first;
        documents->first = document->next;
        document_free(document);
    }
}

/* Returns the path of a document that was never saved, "untitled:Untitled-1", or NULL. The path is in a folder that
 * does not exist, so that the document has neither site nor imports. */
static char *path_apart(const char *uri)
{
    static const char scheme[] = "untitled:", name[] = "/untitled.gcx";
    if (strncmp(uri, scheme, sizeof scheme - 1) != 0) return NULL;
    char *path = memory_grown(NULL, strlen(uri) + sizeof name + 1, 1);
    path[0] = '/';
    strcpy(path + 1, uri);
    for (char *at = path + 1; *at; at++)
        if (*at == '/') *at = '_';
    return strcat(path, name);
}

static char *document_copy(const char *bytes, size_t length)
{
    char *text = memory_grown(NULL, length + 1, 1);
    memcpy(text, bytes, length);
    text[length] = '\0';
    return text;
}

bool documents_put(struct documents *documents, const char *uri, const char *text, size_t length)
{
    if (length > SOURCE_LIMIT || document_named(documents, uri) || documents->count >= DOCUMENTS_MAX) return false;
    char *path = place_uri_path(uri);
    bool apart = !path;
    if (apart) path = path_apart(uri);
    if (!path) return false;
    struct document *document = memory_zeroed(1, sizeof *document);
    *document = (struct document){.uri = document_copy(uri, strlen(uri)),
                                  .path = document_whole_path(path),
                                  .apart = apart,
                                  .text = document_copy(text, length),
                                  .length = length,
                                  .changed = true,
                                  .next = documents->first};
    free(path);
    documents->first = document;
    documents->count++;
    return true;
}

bool documents_open(struct documents *documents, const json_t *params)
{
    const json_t *item = json_object_get(params, "textDocument"), *text = json_object_get(item, "text");
    const char *uri = json_string_value(json_object_get(item, "uri"));
    if (!uri || !json_is_string(text)) return false;
    if (!documents_put(documents, uri, json_string_value(text), json_string_length(text))) return false;
    documents->first->version = json_integer_value(json_object_get(item, "version"));
    return true;
}

/* Makes one change: of a range, or of the whole text. Bounds are checked before sums are made: `begin` and `end`
 * come from the editor, and both lengths are below SOURCE_LIMIT, so nothing overflows. */
static bool document_change(struct documents *documents, struct document *document, const json_t *item)
{
    const json_t *range = json_object_get(item, "range"), *text = json_object_get(item, "text");
    size_t begin = 0, end = document->length, length = json_string_length(text);
    if (!json_is_string(text)) return false;
    if (range && !json_is_null(range) &&
        (!place_offset(document->text, document->length, documents->units, json_object_get(range, "start"), &begin) ||
         !place_offset(document->text, document->length, documents->units, json_object_get(range, "end"), &end)))
        return false;
    if (end < begin || document->length - (end - begin) > SOURCE_LIMIT || length > SOURCE_LIMIT) return false;
    assert(end <= document->length);
    size_t whole = document->length - (end - begin) + length;
    if (whole > SOURCE_LIMIT) return false;
    if (whole > document->length) document->text = memory_grown(document->text, whole + 1, 1);
    memmove(document->text + begin + length, document->text + end, document->length - end + 1);
    memcpy(document->text + begin, json_string_value(text), length);
    document->length = whole;
    return true;
}

static void document_drop(struct documents *documents, struct document *document)
{
    assert(documents->count > 0);
    struct document **place = &documents->first;
    while (*place != document) place = &(*place)->next;
    *place = document->next;
    documents->count--;
    document_free(document);
}

bool documents_change(struct documents *documents, const json_t *params)
{
    const json_t *item = json_object_get(params, "textDocument"), *changes = json_object_get(params, "contentChanges");
    const char *uri = json_string_value(json_object_get(item, "uri"));
    struct document *document = uri ? document_named(documents, uri) : NULL;
    if (!document || !json_is_array(changes)) return false;
    bool good = json_array_size(changes) <= CHANGES_MAX;
    for (size_t i = 0; good && i < json_array_size(changes); i++)
        good = document_change(documents, document, json_array_get(changes, i));
    if (!good) {
        document_drop(documents, document);
        return false;
    }
    document->version = json_integer_value(json_object_get(item, "version"));
    document->changed = true;
    return true;
}

bool documents_close(struct documents *documents, const json_t *params)
{
    const char *uri = json_string_value(json_object_get(json_object_get(params, "textDocument"), "uri"));
    struct document *document = uri ? document_named(documents, uri) : NULL;
    if (document) document_drop(documents, document);
    return document != NULL;
}
