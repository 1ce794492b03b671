/* runtime/adapters/desk/knowledge.c - Reads and searches the articles of a folder. See knowledge.h. */
#include "runtime/adapters/desk/knowledge.h"

#include <dirent.h>
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/letters.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "base/why.h"

enum { ARTICLES_MAX = 2000, ARTICLE_BYTES_MAX = 256 * 1024, FOUND_MAX = 20, EXCERPT_BYTES = 200 };

struct knowledge_article {
    char *name, *title, *text;
    char *title_words, *text_words; /* each word with a space before it, in small letters, without accents */
    int64_t changed_ns, size;
    bool seen; /* by the present look into the folder */
};

struct knowledge {
    const char *folder, *link;
    GHashTable *articles; /* struct knowledge_article, by name */
};

bool knowledge_good(const char *folder, char *why, size_t why_size)
{
    DIR *open = opendir(folder);
    if (!open) return why_set(why, why_size, "knowledge: %s: %s", folder, g_strerror(errno));
    closedir(open);
    return true;
}

/* Returns the words of the text, each with a space before it; g_free. */
static char *knowledge_words(const char *text)
{
    char *apart = g_utf8_normalize(text, -1, G_NORMALIZE_ALL), *small = g_utf8_casefold(apart ? apart : "", -1);
    GString *words = g_string_new(" ");
    for (const char *at = small; *at; at = g_utf8_next_char(at)) {
        gunichar one = g_utf8_get_char(at);
        if (g_unichar_ismark(one)) continue;
        uint32_t length;
        const char *plain = letters_plain(at, strnlen(at, 4), &length);
        if (plain)
            g_string_append(words, plain);
        else if (g_unichar_isalnum(one))
            g_string_append_unichar(words, one);
        else if (words->str[words->len - 1] != ' ')
            g_string_append_c(words, ' ');
    }
    g_free(small);
    g_free(apart);
    return g_string_free(words, FALSE);
}

static void knowledge_article_free(gpointer given)
{
    struct knowledge_article *article = given;
    g_free(article->name), g_free(article->title), g_free(article->text);
    g_free(article->title_words), g_free(article->text_words);
    g_free(article);
}

struct knowledge *knowledge_new(const char *folder, const char *link)
{
    struct knowledge *knowledge = memory_zeroed(1, sizeof *knowledge);
    knowledge->folder = folder;
    knowledge->link = link;
    knowledge->articles = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, knowledge_article_free);
    return knowledge;
}

void knowledge_free(struct knowledge *knowledge)
{
    if (!knowledge) return;
    g_hash_table_destroy(knowledge->articles);
    free(knowledge);
}

/* Divides the file's text into title and text. */
static void knowledge_divide(struct knowledge_article *article, const char *whole)
{
    const char *from = whole, *end;
    while (*from == '\n' || *from == '\r' || *from == ' ') from++;
    if (*from == '#') {
        while (*from == '#' || *from == ' ') from++;
        end = strchr(from, '\n');
        if (!end) end = from + strlen(from);
        article->title = g_strstrip(g_strndup(from, (gsize)(end - from)));
        from = end;
    } else {
        article->title = g_strdup(article->name);
    }
    article->text = g_strstrip(g_strdup(from));
    article->title_words = knowledge_words(article->title);
    article->text_words = knowledge_words(article->text);
}

/* Is the file within the folder, wherever links lead? Whoever writes articles may not show agents the desk's files. */
static bool knowledge_within(const char *folder, const char *path)
{
    char *own = realpath(folder, NULL), *real = realpath(path, NULL);
    size_t length = own ? strlen(own) : 0;
    bool within = own && real && strncmp(own, real, length) == 0 && real[length] == '/';
    free(own), free(real);
    return within;
}

/* Reads one file; one that is no text, too large, gone or outside of the folder is left out. */
static void knowledge_read(struct knowledge *knowledge, const char *file)
{
    char *path = g_build_filename(knowledge->folder, file, NULL), *name = g_strndup(file, strlen(file) - 3);
    struct knowledge_article *article = g_hash_table_lookup(knowledge->articles, name);
    struct stat state;
    const char *why;
    size_t length = 0;
    bool there = stat(path, &state) == 0;
    int64_t changed_ns = there ? state.st_mtim.tv_sec * INT64_C(1000000000) + state.st_mtim.tv_nsec : 0;
    bool same = there && article && article->changed_ns == changed_ns && article->size == state.st_size;
    char *bytes = there && !same && knowledge_within(knowledge->folder, path)
                      ? file_read(path, ARTICLE_BYTES_MAX, &length, &why)
                      : NULL;
    if (bytes && utf8_is_text(bytes, (uint32_t)length)) {
        article = g_new0(struct knowledge_article, 1);
        article->name = g_strdup(name);
        article->changed_ns = changed_ns;
        article->size = state.st_size;
        knowledge_divide(article, bytes);
        g_hash_table_replace(knowledge->articles, article->name, article);
        same = true;
    }
    if (same) article->seen = true;
    free(bytes);
    g_free(name);
    g_free(path);
}

static gboolean knowledge_gone(gpointer name, gpointer given, gpointer unused)
{
    struct knowledge_article *article = given;
    bool gone = !article->seen;
    (void)name, (void)unused;
    article->seen = false;
    return gone;
}

/* Reads what has changed in the folder since the last look. A hidden file is no article. */
static void knowledge_look(struct knowledge *knowledge)
{
    DIR *folder = opendir(knowledge->folder);
    unsigned count = 0;
    for (struct dirent *entry; folder && count < ARTICLES_MAX && (entry = file_next(folder));) {
        if (entry->d_name[0] == '.' || !g_str_has_suffix(entry->d_name, ".md")) continue;
        if (!utf8_is_text(entry->d_name, (uint32_t)strlen(entry->d_name))) continue;
        knowledge_read(knowledge, entry->d_name);
        count++;
    }
    if (folder) closedir(folder);
    g_hash_table_foreach_remove(knowledge->articles, knowledge_gone, NULL);
}

static bool knowledge_has(const char *words, char **wanted)
{
    for (; *wanted; wanted++) {
        char *begin = **wanted ? g_strconcat(" ", *wanted, NULL) : NULL;
        bool there = !begin || strstr(words, begin);
        g_free(begin);
        if (!there) return false;
    }
    return true;
}

static gint knowledge_by_title(gconstpointer one, gconstpointer other)
{
    const struct knowledge_article *first = one, *second = other;
    int order = strcmp(first->title_words, second->title_words);
    return order != 0 ? order : strcmp(first->name, second->name);
}

static void knowledge_take(json_t *found, const struct knowledge_article *article)
{
    uint32_t length = (uint32_t)strlen(article->text);
    json_t *row = json_pack("{s:s, s:s, s:s%}", "article", article->name, "title", article->title, "excerpt",
                            article->text, (size_t)utf8_cut(article->text, length, EXCERPT_BYTES));
    if (row) json_array_append_new(found, row);
}

json_t *knowledge_search(struct knowledge *knowledge, const char *words)
{
    knowledge_look(knowledge);
    char *folded = knowledge_words(words), **wanted = g_strsplit(folded, " ", -1);
    json_t *found = json_array();
    GList *all = g_list_sort(g_hash_table_get_values(knowledge->articles), knowledge_by_title);
    for (unsigned in_text = 0; in_text < 2; in_text++) {
        for (GList *one = all; one && json_array_size(found) < FOUND_MAX; one = one->next) {
            const struct knowledge_article *article = one->data;
            bool titled = knowledge_has(article->title_words, wanted);
            char *both = in_text && !titled ? g_strconcat(article->title_words, article->text_words, NULL) : NULL;
            if (in_text ? both && knowledge_has(both, wanted) : titled) knowledge_take(found, article);
            g_free(both);
        }
    }
    g_list_free(all);
    g_strfreev(wanted);
    g_free(folded);
    return found;
}

json_t *knowledge_article(struct knowledge *knowledge, const char *name)
{
    knowledge_look(knowledge);
    const struct knowledge_article *article = g_hash_table_lookup(knowledge->articles, name);
    if (!article) return NULL;
    json_t *row =
        json_pack("{s:s, s:s, s:s}", "article", article->name, "title", article->title, "text", article->text);
    if (!row || !*knowledge->link) return row;
    char *escaped = g_uri_escape_string(name, NULL, FALSE), **parts = g_strsplit(knowledge->link, "{article}", -1);
    char *link = g_strjoinv(escaped, parts);
    json_object_set_new(row, "link", json_string(link));
    g_free(link);
    g_strfreev(parts);
    g_free(escaped);
    return row;
}
