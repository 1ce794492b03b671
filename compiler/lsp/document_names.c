/* compiler/lsp/document_names.c - Finds documents by their paths and URIs. */
#include <stdlib.h>
#include <string.h>

#include "compiler/lsp/documents.h"

char *document_whole_path(const char *path)
{
    char *whole = realpath(path, NULL);
    if (!whole) whole = strdup(path); /* the document has not been saved yet */
    if (!whole) abort();
    return whole;
}

struct document *document_of(const struct documents *documents, const char *path)
{
    struct document *document = documents->first;
    while (document && strcmp(document->path, path) != 0) document = document->next;
    return document;
}

struct document *document_named(const struct documents *documents, const char *uri)
{
    struct document *document = documents->first;
    while (document && strcmp(document->uri, uri) != 0) document = document->next;
    return document;
}

char *document_uri(const struct documents *documents, const char *whole)
{
    const struct document *document = document_of(documents, whole);
    char *uri = document ? strdup(document->uri) : place_path_uri(whole);
    if (!uri) abort();
    return uri;
}

char *document_path(const struct documents *documents, const char *uri)
{
    const struct document *document = document_named(documents, uri);
    char *path = document ? strdup(document->path) : place_uri_path(uri),
         *whole = path ? document_whole_path(path) : NULL;
    free(path);
    return whole;
}
