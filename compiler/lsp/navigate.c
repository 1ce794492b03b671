/* compiler/lsp/navigate.c - Finds the declaration and the uses of a name in all files of the site, and renames it.
 *
 * A name may be used in any file of the site, whether open or not. The files are compiled one by one, each with its
 * own imports, and searched for the name (names.c); a use counts if it leads to the same declaration.
 *
 *     hunt_begin()   the declaration: its file and the offset in it
 *     hunt_all()     this document, every .gcx file below the site's folder, every other open document -> hunt_in()
 *     hunt.found     uri -> [{range, declares, quoted, begin, length}, ...]    each use once, in the text's order
 *
 *     make_changes() -> still_means(): the edits are made on copies of all texts, and everything is hunted once more
 *                    -> tests_agree(): every test of these files is played with the texts and with the copies
 *
 * Renaming is refused as a whole where the new name is not valid, would change the meaning of another word, or where a
 * test ends otherwise: a name can be compared with a text, or be the key of somebody's data. What stands in the SQL
 * files beside the site is not changed; the editor shows where. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/lsp/around.h"
#include "compiler/lsp/beside.h"
#include "compiler/lsp/server.h"
#include "compiler/lsp/words.h"
#include "compiler/syntax/library.h"
#include "base/memory.h"

static const struct naming *naming_asked(const struct document *document, const json_t *params)
{
    uint32_t at = analysis_offset(document->analysis, json_object_get(params, "position"));
    return at ? names_at(&document->analysis->names, at) : NULL;
}

static const struct source *module_source(const struct analysis *analysis, const char *name)
{
    const char *path = arena_printf(analysis->arena, LIBRARY_FOLDER "%s.gcx", name);
    EACH_NODE (file, analysis->program->files) {
        const struct source *source = source_set_at(analysis->program->sources, file->span.begin);
        if (source && source->built_in && strcmp(source->path, path) == 0) return source;
    }
    return NULL;
}

/* Returns the file to which `import a.b;` refers. */
static json_t *navigate_imported(const struct analysis *analysis, uint32_t at)
{
    if (!analysis->file || !at) return NULL;
    EACH_NODE (node, analysis->file->file.declarations) {
        if (node->kind != NODE_IMPORT || at < node->span.begin || at > node->span.end) continue;
        const char *slash = strrchr(analysis->source->path, '/');
        size_t length = slash ? (size_t)(slash - analysis->source->path) + 1 : 0;
        const char *path = arena_copy(analysis->arena, analysis->source->path, length);
        EACH_NODE (part, node->import.path)
            path = arena_printf(analysis->arena, "%s%s%s", path, part == node->import.path.first ? "" : "/",
                                part->name.name.text);
        const struct source *source =
            source_set_find(analysis->program->sources, arena_printf(analysis->arena, "%s.gcx", path));
        if (!source && node->import.path.count == 1)
            source = module_source(analysis, node->import.path.first->name.name.text);
        return source ? analysis_location(analysis, (struct source_span){source->base, source->base}) : NULL;
    }
    return NULL;
}

void lsp_definition(struct server *server, const struct document *document, const json_t *params,
                    struct lsp_answer *answer)
{
    const struct analysis *analysis = document->analysis;
    const struct naming *naming = naming_asked(document, params);
    (void)server;
    if (naming)
        answer->result = analysis_location(analysis, naming->declared);
    else
        answer->result = navigate_imported(analysis, analysis_offset(analysis, json_object_get(params, "position")));
}

/* ---- all files of a site ---- */

struct hunt {
    const struct documents *documents;
    char *path;                  /* the file that declares the name */
    size_t offset;               /* the place of the declaration in that file */
    const char *key;             /* the name is that of a key, one for all strategies that attach it; NULL: it is not */
    bool local;                  /* no other file can use the name */
    json_t *seen;                /* keys "path:offset" of all uses */
    const struct source *source; /* the source in which the last use was found */
    char *source_path;           /* the absolute path of `source` */
    json_t *uses_there;          /* the list in `found` for `source` */
    /* from each URI to a list of {range, declares, quoted, begin, length}, in text order */
    json_t *found;
    json_t *files; /* paths that were compiled */
    size_t errors; /* the number of errors in all these files */
    size_t uses;
    bool cut; /* the site has more files than are searched */
};

/* Enters a source whose uses are added; the call is cheap for further uses in the same source. */
static void enter_source(struct hunt *hunt, const struct source *source)
{
    if (source == hunt->source) return;
    free(hunt->source_path);
    hunt->source = source;
    hunt->source_path = document_whole_path(source->path);
    char *uri = document_uri(hunt->documents, hunt->source_path);
    hunt->uses_there = json_object_get(hunt->found, uri);
    if (!hunt->uses_there) {
        hunt->uses_there = json_array();
        json_object_set_new(hunt->found, uri, hunt->uses_there);
    }
    free(uri);
}

/* Adds a use; a file that several programs import is compiled several times: `seen` makes each of its uses count
 * once. */
static void hunt_add_use(struct hunt *hunt, const struct analysis *analysis, const struct naming *naming)
{
    const struct source *source = source_set_at(analysis->program->sources, naming->at.begin);
    assert(source && naming->at.begin >= source->base);
    if (source->built_in) return;
    enter_source(hunt, source);
    json_int_t begin = naming->at.begin - source->base, length = naming->at.end - naming->at.begin;
    const char *key = arena_printf(analysis->arena, "%s:%u", hunt->source_path, naming->at.begin - source->base);
    if (json_object_get(hunt->seen, key)) return;
    json_object_set_new(hunt->seen, key, json_true());
    hunt->uses++;
    json_t *list = hunt->uses_there;
    size_t place = json_array_size(list); /* in the order of the text */
    while (place > 0 && json_integer_value(json_object_get(json_array_get(list, place - 1), "begin")) > begin) place--;
    json_array_insert_new(list, place,
                          json_pack("{so sb sb sI sI}", "range", analysis_range(analysis, naming->at), "declares",
                                    naming->use == NAME_DECLARED, "quoted",
                                    source->text[naming->at.begin - source->base] == '"', "begin", begin, "length",
                                    length));
}

static bool is_hunted(const struct hunt *hunt, const struct analysis *analysis, struct source_span declared)
{
    const struct source *source = declared.begin ? source_set_at(analysis->program->sources, declared.begin) : NULL;
    if (!source || declared.begin - source->base != hunt->offset) return false;
    char *whole = document_whole_path(source->path);
    bool is = strcmp(whole, hunt->path) == 0;
    free(whole);
    return is;
}

/* A key belongs to the interaction: two strategies that attach it mean the same one. */
static bool naming_is_key(const struct naming *declared)
{
    const struct node *holder = declared->holder;
    return declared->node->kind == NODE_FIELD && holder &&
           (holder->kind == NODE_STRATEGY || holder->kind == NODE_SITE_KEYS);
}

static bool is_hunted_key(const struct hunt *hunt, const struct analysis *analysis, const struct naming *naming)
{
    if (!hunt->key || strcmp(naming->name, hunt->key) != 0) return false;
    const struct naming *declared = names_declaration(&analysis->names, naming->declared);
    return declared && naming_is_key(declared);
}

/* Compiles each file by itself: names have meanings only within a program, and a file may belong to several. */
static void hunt_in(struct hunt *hunt, const char *path)
{
    if (json_object_get(hunt->files, path)) return;
    json_object_set_new(hunt->files, path, json_true());
    struct analysis *analysis = analysis_make(hunt->documents, path, NULL);
    struct source_span wanted = {0, 0};
    hunt->source = NULL; /* forgets the last source: the next compilation may have another one at the same address */
    hunt->errors += diags_errors(analysis->program->diags);
    for (size_t i = 0; i < analysis->names.count; i++) {
        const struct naming *naming = &analysis->names.all[i];
        if (!naming->declared.begin) continue;
        bool is = wanted.begin ? naming->declared.begin == wanted.begin : is_hunted(hunt, analysis, naming->declared);
        if (is) wanted = naming->declared;
        if (is || is_hunted_key(hunt, analysis, naming)) hunt_add_use(hunt, analysis, naming);
    }
    analysis_free(analysis);
}

static void hunt_visit(void *self, const char *path)
{
    hunt_in(self, path);
}

/* Beyond the limits `cut` is set: references are then incomplete, and renaming is refused. */
static void hunt_all(struct hunt *hunt, const struct document *document)
{
    hunt_in(hunt, document->path);
    if (hunt->local || document->apart) return;
    char *folder = around_folder(document);
    hunt->cut = !around_each(folder, hunt_visit, hunt);
    free(folder);
    /* Adds open documents that were not saved yet, or are outside of the folder. */
    for (const struct document *other = hunt->documents->first; other; other = other->next)
        if (!other->apart) hunt_in(hunt, other->path);
}

/* Can no other file use the name, so that none has to be compiled? */
static bool naming_is_local(const struct naming *declared)
{
    static const bool local[NODE_KINDS] = {[NODE_LET] = true,
                                           [NODE_LABELLED] = true,
                                           [NODE_OTHERWISE] = true,
                                           [NODE_HANDLER] = true,
                                           [NODE_RACE_ARM] = true};
    return local[declared->node->kind];
}

/* Begins the search for all uses of a name. False: it is not known where the name is declared. */
static bool hunt_begin(struct hunt *hunt, const struct documents *documents, const struct document *document,
                       const struct naming *naming)
{
    const struct analysis *analysis = document->analysis;
    const struct naming *declared = naming ? names_declaration(&analysis->names, naming->declared) : NULL;
    const struct source *source = declared ? source_set_at(analysis->program->sources, declared->at.begin) : NULL;
    if (!source) return false;
    *hunt = (struct hunt){.documents = documents,
                          .path = document_whole_path(source->path),
                          .offset = declared->at.begin - source->base,
                          .key = naming_is_key(declared) ? declared->name : NULL,
                          .local = naming_is_local(declared),
                          .seen = json_object(),
                          .found = json_object(),
                          .files = json_object()};
    return true;
}

static void hunt_end(struct hunt *hunt)
{
    free(hunt->path);
    free(hunt->source_path);
    json_decref(hunt->seen);
    json_decref(hunt->found);
    json_decref(hunt->files);
}

void lsp_references(struct server *server, const struct document *document, const json_t *params,
                    struct lsp_answer *answer)
{
    struct hunt hunt;
    const char *uri;
    json_t *list, *one;
    size_t i;
    if (!hunt_begin(&hunt, &server->documents, document, naming_asked(document, params))) return;
    hunt_all(&hunt, document);
    bool all = json_is_true(json_object_get(json_object_get(params, "context"), "includeDeclaration"));
    answer->result = json_array();
    json_object_foreach(hunt.found, uri, list) json_array_foreach(
        list, i, one) if (all || !json_is_true(json_object_get(one, "declares")))
        json_array_append_new(answer->result, json_pack("{ss sO}", "uri", uri, "range", json_object_get(one, "range")));
    hunt_end(&hunt);
}

/* ---- another name ---- */

/* Returns the declaration if the user may change it; NULL: the language or the standard library declares the name. */
static const struct naming *navigate_renamed(const struct analysis *analysis, const struct naming *naming)
{
    const struct naming *declared = naming ? names_declaration(&analysis->names, naming->declared) : NULL;
    const struct source *source = declared ? source_set_at(analysis->program->sources, declared->at.begin) : NULL;
    return source && !source->built_in ? declared : NULL;
}

void lsp_prepare_rename(struct server *server, const struct document *document, const json_t *params,
                        struct lsp_answer *answer)
{
    const struct naming *naming = naming_asked(document, params);
    (void)server;
    if (navigate_renamed(document->analysis, naming))
        answer->result =
            json_pack("{so ss}", "range", analysis_range(document->analysis, naming->at), "placeholder", naming->name);
}

struct navigate_text { /* the buffer grows as bytes are added */
    char *bytes;
    size_t length, room;
};

static void text_add(struct navigate_text *text, const char *bytes, size_t length)
{
    if (length == 0) return;
    if (text->length + length > text->room) {
        text->room = 2 * (text->length + length);
        text->bytes = memory_grown(text->bytes, text->room, 1);
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
}

/* Opens the edited text in `trial`; `uses` are the places of its edits, in the order of the text. */
static bool open_edited(struct documents *trial, const char *uri, const char *bytes, size_t length, const json_t *uses,
                        const json_t *edits)
{
    assert(json_array_size(uses) == json_array_size(edits));
    struct navigate_text text = {0};
    size_t at = 0;
    for (size_t i = 0; i < json_array_size(uses); i++) {
        const json_t *use = json_array_get(uses, i), *put = json_object_get(json_array_get(edits, i), "newText");
        size_t begin = (size_t)json_integer_value(json_object_get(use, "begin"));
        size_t end = begin + (size_t)json_integer_value(json_object_get(use, "length"));
        if (begin < at || end > length) break; /* the text has changed meanwhile: the later check notices that */
        text_add(&text, bytes + at, begin - at);
        text_add(&text, json_string_value(put), json_string_length(put));
        at = end;
    }
    text_add(&text, bytes + at, length - at);
    bool good = documents_put(trial, uri, text.length ? text.bytes : "", text.length);
    free(text.bytes);
    return good;
}

/* Opens copies of all open documents and of all other files with edits in `trial`, all of them edited. False: one of
 * them could not be edited. */
static bool try_edits(struct documents *trial, const struct hunt *hunt, const json_t *changes)
{
    const char *uri;
    json_t *edits;
    trial->units = hunt->documents->units;
    for (const struct document *document = hunt->documents->first; document; document = document->next)
        if (!open_edited(trial, document->uri, document->text, document->length,
                         json_object_get(hunt->found, document->uri), json_object_get(changes, document->uri)))
            return false;
    json_object_foreach((json_t *)changes, uri, edits)
    {
        if (document_named(trial, uri)) continue;
        char *path = place_uri_path(uri);
        struct arena *arena = arena_new();
        const char *why;
        const struct source *source = path ? source_set_read(source_set_new(arena), path, &why) : NULL;
        bool good =
            source && open_edited(trial, uri, source->text, source->length, json_object_get(hunt->found, uri), edits);
        arena_free(arena);
        free(path);
        if (!good) return false;
    }
    return true;
}

/* Makes the edits; a name of the site may be any text in quotes, and a quoted name stays quoted. */
static json_t *make_changes(const struct hunt *hunt, const char *name, bool kind)
{
    json_t *changes = json_object(), *list, *one;
    const char *uri;
    size_t i;
    bool quotes = kind && (!word_can_be_name(name) || word_use(name) >= USE_RESERVED);
    char *quoted = memory_grown(NULL, strlen(name) + 3, 1);
    sprintf(quoted, "\"%s\"", name);
    json_object_foreach(hunt->found, uri, list)
    {
        json_t *edits = json_array();
        json_array_foreach(list, i, one)
        {
            bool was = json_is_true(json_object_get(one, "quoted"));
            json_array_append_new(edits, json_pack("{sO ss}", "range", json_object_get(one, "range"), "newText",
                                                   quotes || (was && kind) ? quoted : name));
        }
        json_object_set_new(changes, uri, edits);
    }
    free(quoted);
    return changes;
}

/* Returns by how many bytes the edits before it move the declaration. */
static long navigate_shift(const struct hunt *hunt, const json_t *changes)
{
    const char *uri;
    json_t *list, *one;
    size_t i;
    long moved = 0;
    json_object_foreach(hunt->found, uri, list)
    {
        const json_t *edits = json_object_get(changes, uri);
        char *path = document_path(hunt->documents, uri);
        bool same = path && strcmp(path, hunt->path) == 0;
        free(path);
        json_array_foreach(list, i, one)
        {
            if (!same || json_integer_value(json_object_get(one, "begin")) >= (json_int_t)hunt->offset) continue;
            moved += (long)json_string_length(json_object_get(json_array_get(edits, i), "newText"));
            moved -= (long)json_integer_value(json_object_get(one, "length"));
        }
    }
    return moved;
}

/* Does every word still have the same meaning in the edited texts? All files are compiled again with them. Renaming
 * is safe if the programs then have no more errors and just as many uses lead to the moved declaration: another
 * declaration of the new name would change the number of uses. */
static bool still_means(struct documents *trial, const struct hunt *before, const struct document *document,
                        const json_t *changes, const char *name)
{
    struct document *same = try_edits(trial, before, changes) ? document_named(trial, document->uri) : NULL;
    if (!same) return false;
    struct hunt after = {.documents = trial,
                         .path = before->path,
                         .offset = (size_t)((long)before->offset + navigate_shift(before, changes)),
                         .key = before->key ? name : NULL,
                         .local = before->local,
                         .seen = json_object(),
                         .found = json_object(),
                         .files = json_object()};
    same->analysis = analysis_make(trial, same->path, NULL);
    hunt_all(&after, same);
    bool good = after.errors <= before->errors && after.uses == before->uses;
    after.path = NULL;
    hunt_end(&after);
    return good;
}

/* Do all tests of the files end as before? Otherwise the answer says which one does not. */
static bool tests_agree(struct server *server, const struct documents *trial, const struct hunt *hunt,
                        struct lsp_answer *answer)
{
    const char *path;
    json_t *one;
    size_t count = 0;
    if (!server->trial || hunt->local) return true;
    const char **paths = memory_zeroed(json_object_size(hunt->files) + 1, sizeof *paths);
    json_object_foreach(hunt->files, path, one) paths[count++] = path;
    struct trial_result result = server->trial(&hunt->documents->overlay, &trial->overlay, paths, count);
    free(paths);
    if (result.end == TRIAL_OTHER) {
        const char *slash = strrchr(result.file, '/');
        answer_wrong(answer, WRONG_FAILED,
                     "the test '%.80s' (%.60s:%u) would end otherwise: a text or somebody's data says the name, too",
                     result.test, slash ? slash + 1 : result.file, result.line);
    } else if (result.end == TRIAL_LATE) {
        server_notify(server, "window/showMessage",
                      json_pack("{si ss}", "type", 2, "message",
                                "renamed, but not all tests could be played in 20 seconds: play them"));
    }
    return result.end != TRIAL_OTHER;
}

/* Tells where the SQL files beside the site say the old name: the directory says who has a skill. */
static void tell_beside(struct server *server, const struct document *document, const char *old, const char *name)
{
    char *folder = around_folder(document), *places = document->apart ? NULL : beside_places(folder, old);
    char text[1024];
    if (places) {
        snprintf(text, sizeof text, "'%.80s' also stands in %.700s: write '%.80s' there, if that is the same", old,
                 places, name);
        json_t *message = json_string(text);
        if (message) server_notify(server, "window/showMessage", json_pack("{si so}", "type", 2, "message", message));
    }
    free(places);
    free(folder);
}

/* Is the word that was asked for among those that were found? It is not where the file that declares it was stored
 * anew meanwhile, so that something else, or nothing, stands at the declaration's place. */
static bool hunt_has_asked(const struct hunt *hunt, const struct document *document, const struct naming *naming)
{
    const json_t *uses = json_object_get(hunt->found, document->uri);
    json_int_t asked = naming->at.begin - document->analysis->source->base;
    for (size_t i = 0; i < json_array_size(uses); i++)
        if (json_integer_value(json_object_get(json_array_get(uses, i), "begin")) == asked) return true;
    return false;
}

/* Renames: tests that are cheap come first; the last ones compile every file twice, and play
 * its tests. */
void lsp_rename(struct server *server, const struct document *document, const json_t *params, struct lsp_answer *answer)
{
    const char *name = json_string_value(json_object_get(params, "newName"));
    const struct naming *naming = naming_asked(document, params);
    const struct naming *declared = navigate_renamed(document->analysis, naming);
    struct hunt hunt;
    if (!name || strlen(name) > 200) {
        answer_wrong(answer, WRONG_PARAMS, "what is the new name?");
        return;
    }
    bool kind = declared && declared->holder && declared->holder->kind == NODE_SITE_NAMES;
    if (strpbrk(name, "\"\\{}\n\r\t") || !*name ||
        (!kind && (!word_can_be_name(name) || word_use(name) >= USE_RESERVED))) {
        answer_wrong(answer, WRONG_PARAMS, "'%.80s' is no name that could stand there", name);
        return;
    }
    if (!declared || !hunt_begin(&hunt, &server->documents, document, naming)) {
        answer_wrong(answer, WRONG_FAILED, "this has no name that could be another");
        return;
    }
    struct documents trial;
    documents_begin(&trial);
    hunt_all(&hunt, document);
    json_t *changes = make_changes(&hunt, name, kind);
    if (hunt.cut)
        answer_wrong(answer, WRONG_FAILED, "there are more files here than are looked at for one name");
    else if (!hunt_has_asked(&hunt, document, naming))
        answer_wrong(answer, WRONG_FAILED, "the files here have changed since they were read: ask again");
    else if (!still_means(&trial, &hunt, document, changes, name))
        answer_wrong(answer, WRONG_FAILED, "with the name '%.80s' something would mean something else, or nothing",
                     name);
    else if (tests_agree(server, &trial, &hunt, answer))
        answer->result = json_pack("{sO}", "changes", changes);
    if (answer->result && (kind || declared->node->kind == NODE_STRATEGY))
        tell_beside(server, document, declared->name, name);
    documents_free(&trial);
    json_decref(changes);
    hunt_end(&hunt);
}
