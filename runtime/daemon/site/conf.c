/* runtime/daemon/site/conf.c - Reads the configuration with libconfuse's parser, by the table conf.def of what is
 * allowed where.
 *
 *     text -> comments_blank() -> quotes_look() -> cfg_parse_fp() -> conf_section_check()
 *             spaces for            what the parser   on_value(): each     settings that are
 *             comments              would guess       value, on_error()    missing
 *
 * libconfuse finds line and kind of a mistake; the sentence about what is expected is made here from the table, so
 * that no sentence names a setting that the table does not have. All mistakes that one reading can find are
 * reported, except that the parser ends at its first error. */
#include "runtime/daemon/site/conf_parse.h"

#include <assert.h>
#include <confuse.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/daemon/protocol/words.h"
#include "base/file.h"
#include "base/memory.h"

/* Our own flags of an option: it has got its value; its list has ended. */
enum { CFGF_SEEN = 1 << 30, CFGF_LISTED = 1 << 29 };
enum { ROWS_MAX = 64, TEXT_MAX = 1024, FILE_MAX = 1 << 20 };

/* The struct that gets a section's values, and the member for each key, with the type of the key's row. */
#define STRUCT_top                 struct conf
#define STRUCT_log                 struct conf_log
#define STRUCT_source              struct conf_source
#define STRUCT_endpoint            struct conf_endpoint
#define STRUCT_native              struct conf_native
#define STRUCT_adapter             struct conf_adapter
#define MEMBER(section, key, type) _Generic(((STRUCT_##section *)0)->key, type : offsetof(STRUCT_##section, key))
#define FIELD_STR(section, key)    MEMBER(section, key, char *)
#define FIELD_PATH(section, key)   MEMBER(section, key, char *)
#define FIELD_INT(section, key)    MEMBER(section, key, uint64_t)
#define FIELD_BOOL(section, key)   MEMBER(section, key, bool)
#define FIELD_LIST(section, key)   CONF_NO_FIELD
#define FIELD_PEERS(section, key)  CONF_NO_FIELD

static const struct conf_row rows[] = {
#define SETTING(section, key, type, fallback, lowest, highest, doc)                                                    \
    {SECTION_##section, #key, CONF_TYPE_##type, FIELD_##type(section, key), fallback, lowest, highest},
#include "runtime/daemon/site/conf.def"
};
enum { ROWS = sizeof rows / sizeof *rows };

enum { ONE = false, MANY = true, CLOSED = false, OPEN = true };
static const struct {
    const char *name;
    bool many, open;
} sections[SECTIONS] = {
#define SECTION(section, many, open, doc) [SECTION_##section] = {#section, many, open},
#include "runtime/daemon/site/conf.def"
};

/* libconfuse's error callback has no argument for the caller. This pointer is set only while cfg_parse() runs. */
static _Thread_local struct conf_parse *parsing;

/* Writes a complaint and counts it: with a single one the file is refused. */
void conf_complain(struct conf_parse *parse, int line, const char *format, ...)
{
    assert(parse && parse->complain && format);
    char text[TEXT_MAX];
    size_t at = 0;
    va_list arguments;
    if (line > 0)
        at = (size_t)snprintf(text, sizeof text, "%.256s:%d: ", parse->file, line);
    else
        at = (size_t)snprintf(text, sizeof text, "%.256s: ", parse->file);
    va_start(arguments, format);
    vsnprintf(text + at, sizeof text - at, format, arguments);
    va_end(arguments);
    parse->complaints++;
    parse->complain(parse->self, text);
}

/* Finds the section of that name; any other name, such as the parser's own for the whole file, means the top. */
static enum conf_section section_of(const char *name)
{
    for (enum conf_section i = SECTION_top + 1; i < SECTIONS; i++)
        if (strcmp(name, sections[i].name) == 0) return i;
    return SECTION_top;
}

const char *conf_section_name(enum conf_section section)
{
    assert(section < SECTIONS);
    return sections[section].name;
}

const struct conf_row *conf_row_at(size_t place)
{
    return place < ROWS ? &rows[place] : NULL;
}

const struct conf_row *conf_row(enum conf_section section, const char *key)
{
    assert(section < SECTIONS && key);
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].section == section && strcmp(rows[i].key, key) == 0) return &rows[i];
    return NULL;
}

void conf_keys_print(enum conf_section section, char *text, size_t size)
{
    size_t at = 0;
    assert(section < SECTIONS && size > 0);
    text[0] = '\0';
    for (size_t i = 0; i < ROWS && at < size; i++)
        if (rows[i].section == section)
            at += (size_t)snprintf(text + at, size - at, "%s`%s`", at == 0 ? "" : ", ", rows[i].key);
    for (enum conf_section i = SECTION_top + 1; section == SECTION_top && i < SECTIONS && at < size; i++)
        at += (size_t)snprintf(text + at, size - at, "%s`%s`",
                               i == SECTION_top + 1 ? ", or a section "
                               : i + 1 < SECTIONS   ? ", "
                                                    : " or ",
                               sections[i].name);
}

/* Writes the end of each complaint: which values the setting takes. */
static void conf_expected(const struct conf_row *row, char *text, size_t size)
{
    assert(row && text);
    switch (row->type) {
    case CONF_TYPE_INT:
        snprintf(text, size, "a whole number from %ld to %ld", row->lowest, row->highest);
        break;
    case CONF_TYPE_BOOL:
        snprintf(text, size, "true or false");
        break;
    case CONF_TYPE_LIST:
        snprintf(text, size, "texts in braces, {\"a\", \"b\"}");
        break;
    case CONF_TYPE_PEERS:
        snprintf(text, size, "users, or groups as \"group:NAME\", in braces");
        break;
    case CONF_TYPE_PATH:
    case CONF_TYPE_STR:
        snprintf(text, size, "a text in quotes");
        break;
    }
}

/* True: the row's value is a list. The parser passes lists value by value (value_again). */
static bool conf_is_list(const struct conf_row *row)
{
    return row->type == CONF_TYPE_LIST || row->type == CONF_TYPE_PEERS;
}

/* Stores the line of a setting for complaints after the parser has ended. Beyond CONF_LINES_MAX settings a complaint
 * names another line or none, but is still made. */
static void conf_line_keep(struct conf_parse *parse, const char *section, const char *key, int line)
{
    assert(section && key);
    if (parse->line_count == CONF_LINES_MAX) return;
    snprintf(parse->lines[parse->line_count].section, sizeof parse->lines->section, "%s", section);
    snprintf(parse->lines[parse->line_count].key, sizeof parse->lines->key, "%s", key);
    parse->lines[parse->line_count++].line = line;
}

int conf_line_of(const struct conf_parse *parse, const char *section, const char *key, int otherwise)
{
    for (size_t i = 0; i < parse->line_count; i++)
        if (strcmp(parse->lines[i].section, section) == 0 && strcmp(parse->lines[i].key, key) == 0)
            return parse->lines[i].line;
    return otherwise;
}

/* Writes the parser's complaint in our words. An adapter's unknown key is no mistake: it is kept, with its line. The
 * parser passes its complaint as a format with arguments, so the kind of a mistake is recognised by the format
 * itself. The first word in quotes is the key. */
static void conf_on_error(cfg_t *cfg, const char *format, va_list arguments)
{
    static const char unknown[] = "no such option '%s'", twice[] = "found duplicate title '%s'";
    struct conf_parse *parse = parsing;
    char said[256], expected[TEXT_MAX], key[64] = "";
    enum conf_section section = section_of(cfg_name(cfg));
    const struct conf_row *row;
    const char *quote;
    assert(parse);
    vsnprintf(said, sizeof said, format, arguments);
    quote = strchr(said, '\'');
    if (quote) snprintf(key, sizeof key, "%.*s", (int)strcspn(quote + 1, "'"), quote + 1);
    if (strcmp(format, unknown) == 0 && sections[section].open) {
        conf_line_keep(parse, sections[section].many ? cfg_title(cfg) : "", key, cfg->line);
        return;
    }
    if (strcmp(format, unknown) == 0) {
        conf_keys_print(section, expected, sizeof expected);
        conf_complain(parse, cfg->line, "unknown setting `%s`; expected %s", key, expected);
        return;
    }
    if (strcmp(format, twice) == 0) {
        conf_complain(parse, cfg->line, "two sections are called `%s`; expected a name for each", key);
        return;
    }
    row = conf_row(section, key);
    if (row) {
        conf_expected(row, expected, sizeof expected);
        conf_complain(parse, cfg->line, "`%s` takes %s (%s)", key, expected, said);
        return;
    }
    conf_complain(parse, cfg->line, "%s; expected `setting = value`, or `section name { ... }`", said);
}

/* True: the row has got a value before. A list is passed value by value, and once more at its end: then `*end` is
 * true. */
static bool value_again(struct conf_parse *parse, const struct conf_row *row, cfg_opt_t *option, bool *end)
{
    unsigned count = cfg_opt_size(option);
    bool list = conf_is_list(row);
    *end = false;
    if ((option->flags & (list ? CFGF_LISTED : CFGF_SEEN)) != 0) return true;
    *end = list && count == parse->listed;
    option->flags |= *end ? CFGF_LISTED : CFGF_SEEN;
    parse->listed = list && !*end ? count : 0;
    return false;
}

/* True: the value that was read last is a good path. A path that consists of digits is refused, because the number may
 * have been meant for another setting. */
static bool path_good(struct conf_parse *parse, const struct conf_row *row, cfg_t *cfg, cfg_opt_t *option,
                      const char *expected)
{
    unsigned place = cfg_opt_size(option) - 1;
    const char *path = cfg_opt_getnstr(option, place);
    bool empty = path[0] == '\0', number = !empty && path[strspn(path, "0123456789")] == '\0';
    bool good = !number && (!empty || (row->type == CONF_TYPE_PATH && row->fallback));
    if (!good) conf_complain(parse, cfg->line, "`%s` is \"%.64s\", no path; expected %s", row->key, path, expected);
    if (row->type == CONF_TYPE_LIST) {
        char text[16];
        snprintf(text, sizeof text, "%u", place);
        conf_line_keep(parse, row->key, text, cfg->line);
    }
    return good;
}

/* Checks a level, which is a word of words.def. */
static bool level_good(struct conf_parse *parse, cfg_t *cfg, cfg_opt_t *option)
{
    const char *level = cfg_opt_getnstr(option, 0);
    char words[WORDS_TEXT];
    if (word_place("log_level", level) >= 0) return true;
    words_say("log_level", " or ", words);
    conf_complain(parse, cfg->line, "`log_level` is \"%.64s\"; expected %s", level, words);
    return false;
}

/* Checks the value that the parser has just put into an option. */
static bool conf_value_good(struct conf_parse *parse, const struct conf_row *row, cfg_t *cfg, cfg_opt_t *option)
{
    char expected[128];
    bool good = true;
    conf_expected(row, expected, sizeof expected);
    if (row->type == CONF_TYPE_INT) {
        long number = cfg_opt_getnint(option, 0);
        good = number >= row->lowest && number <= row->highest;
        if (!good) conf_complain(parse, cfg->line, "`%s` is %ld; expected %s", row->key, number, expected);
    } else if (row->type == CONF_TYPE_PEERS) {
        struct error why = {0};
        struct role_rule rule;
        good = role_rule_read(cfg_opt_getnstr(option, cfg_opt_size(option) - 1), ROLE_NONE, &rule, &why);
        if (!good) conf_complain(parse, cfg->line, "`%s`: %s; expected %s", row->key, why.text, expected);
    } else if (row->type == CONF_TYPE_PATH || row->type == CONF_TYPE_LIST) {
        good = path_good(parse, row, cfg, option, expected);
    } else if (strcmp(row->key, "postgres") == 0) {
        conf_line_keep(parse, cfg_title(cfg), row->key, cfg->line);
    } else if (strcmp(row->key, "log_level") == 0) {
        good = level_good(parse, cfg, option);
    }
    return good;
}

/* The parser has put a value into an option; `cfg->line` is its line. Any result but 0 ends the reading. */
static int on_value(cfg_t *cfg, cfg_opt_t *option)
{
    struct conf_parse *parse = parsing;
    const struct conf_row *row = conf_row(section_of(cfg_name(cfg)), cfg_opt_name(option));
    bool end;
    assert(parse && row);
    if (value_again(parse, row, option, &end)) {
        conf_complain(parse, cfg->line, "`%s` stands twice", row->key);
        return -1;
    }
    if (end) return 0;
    if (row->section == SECTION_top) conf_line_keep(parse, CONF_TOP, row->key, cfg->line);
    return conf_value_good(parse, row, cfg, option) ? 0 : -1;
}

/* Describes the section for libconfuse. A mandatory setting has no default; conf_section_check() reports that it was
 * never given. */
static void conf_options_fill(enum conf_section section, cfg_opt_t *options)
{
    size_t n = 0;
    for (size_t i = 0; i < ROWS; i++) {
        const struct conf_row *row = &rows[i];
        if (row->section != section) continue;
        assert(n < ROWS_MAX - SECTIONS);
        switch (row->type) {
        case CONF_TYPE_INT:
            options[n++] = (cfg_opt_t)CFG_INT(row->key, strtol(row->fallback, NULL, 10), CFGF_NONE);
            break;
        case CONF_TYPE_BOOL:
            options[n++] = (cfg_opt_t)CFG_BOOL(row->key, row->fallback[0] == 't' ? cfg_true : cfg_false, CFGF_NONE);
            break;
        case CONF_TYPE_LIST:
        case CONF_TYPE_PEERS:
            options[n++] = (cfg_opt_t)CFG_STR_LIST(row->key, NULL, CFGF_NODEFAULT);
            break;
        case CONF_TYPE_PATH:
        case CONF_TYPE_STR:
            if (!row->fallback)
                options[n++] = (cfg_opt_t)CFG_STR(row->key, NULL, CFGF_NODEFAULT);
            else
                options[n++] = (cfg_opt_t)CFG_STR(row->key, row->fallback, CFGF_NONE);
            break;
        }
        options[n - 1].validcb = on_value;
    }
    options[n] = (cfg_opt_t)CFG_END();
}

/* Reports mandatory settings that are missing. */
void conf_section_check(struct conf_parse *parse, cfg_t *cfg, enum conf_section section, const char *what)
{
    for (size_t i = 0; i < ROWS; i++) {
        const struct conf_row *row = &rows[i];
        char expected[128];
        if (row->section != section) continue;
        conf_expected(row, expected, sizeof expected);
        if (!row->fallback && (cfg_getopt(cfg, row->key)->flags & CFGF_MODIFIED) == 0)
            conf_complain(parse, section == SECTION_top ? 0 : cfg->line, "%s lacks `%s = ...`: %s", what, row->key,
                          expected);
    }
}

/* Replaces comments by spaces: libconfuse 3.3 counts the lines of a comment more than once, and its messages would
 * name the wrong line. A comment is recognised where a word could begin. libconfuse does not report a brace that is
 * never closed: this returns the line of one, or 0. Lines keep their number, since the line ends of comments stay. */
static int comments_blank(char *text)
{
    static const char separators[] = " \t\r\n={}()+,\"'";
    char quote = '\0', before = '\n';
    int line = 1, depth = 0, opened = 0;
    while (*text != '\0') {
        if (quote != '\0') {
            if (*text == '\\' && text[1] != '\0')
                text++;
            else if (*text == quote)
                quote = '\0';
            if (*text == '\n') line++;
            before = *text++;
        } else if (strchr(separators, before) && (*text == '#' || strncmp(text, "//", 2) == 0)) {
            while (*text != '\0' && *text != '\n') *text++ = ' ';
        } else if (strchr(separators, before) && strncmp(text, "/*", 2) == 0) {
            const char *end = strstr(text + 2, "*/");
            for (; *text != '\0' && (!end || text < end + 2); text++)
                if (*text == '\n')
                    line++;
                else
                    *text = ' ';
        } else {
            if (*text == '"' || *text == '\'') quote = *text;
            if (*text == '{' && depth++ == 0) opened = line;
            if (*text == '}') depth--;
            if (*text == '\n') line++;
            before = *text++;
        }
    }
    return depth > 0 && quote == '\0' ? opened : 0;
}

struct scan {          /* reads the text, whose comments were removed */
    char words[2][64]; /* the last word that was read, and the word before it */
    enum conf_section section;
    int line;
    unsigned depth;
    char keys[CONF_LINES_MAX][64]; /* keys read in the open section that have no row in conf.def */
    size_t key_count;
    bool had[SECTIONS];
};

/* Keeps the last two words: a section's kind is the word before its name. */
static void scan_word(struct scan *scan, const char *begin, const char *end)
{
    memcpy(scan->words[1], scan->words[0], sizeof scan->words[0]);
    snprintf(scan->words[0], sizeof scan->words[0], "%.*s", (int)(end - begin), begin);
}

/* Reports a setting without a row that is given twice: the parser does not notice that, and takes the last value. A
 * name that was cut is not compared. */
static void scan_key(struct conf_parse *parse, struct scan *scan)
{
    const char *key = scan->words[0];
    if (scan->depth == 0 || conf_row(scan->section, key) || strlen(key) + 1 == sizeof scan->words[0]) return;
    for (size_t i = 0; i < scan->key_count; i++) {
        if (strcmp(scan->keys[i], key) != 0) continue;
        conf_complain(parse, scan->line, "`%s` stands twice", key);
        return;
    }
    if (scan->key_count < CONF_LINES_MAX) memcpy(scan->keys[scan->key_count++], key, sizeof *scan->keys);
}

/* Reports a section that is there twice although only one is allowed: the parser would forget the first. */
static void scan_section(struct conf_parse *parse, struct scan *scan)
{
    scan->section = section_of(scan->words[scan->words[1][0] != '\0']);
    if (scan->section != SECTION_top && !sections[scan->section].many && scan->had[scan->section])
        conf_complain(parse, scan->line, "the section `%s` stands twice; write its settings into one",
                      sections[scan->section].name);
    scan->had[scan->section] = true;
    scan->key_count = 0;
}

/* Reports quotes around a number: the parser takes a number in quotes for a number, and does not say that there were
 * any. */
static void value_look(struct conf_parse *parse, const struct scan *scan, const char *value)
{
    const struct conf_row *row = conf_row(scan->depth > 0 ? scan->section : SECTION_top, scan->words[0]);
    char expected[128];
    while (*value == ' ' || *value == '\t') value++;
    if (!row || (row->type != CONF_TYPE_INT && row->type != CONF_TYPE_BOOL) || (*value != '"' && *value != '\''))
        return;
    conf_expected(row, expected, sizeof expected);
    conf_complain(parse, scan->line, "`%s` is a text in quotes; expected %s", row->key, expected);
}

/* Finds the end of the quoted text that begins at `text`; NULL: its quotes are not closed, either never, or only by
 * the quote with which the next value begins. */
static const char *quoted_end(const char *text, int *line)
{
    char quote = *text;
    int opened = *line;
    for (text++; *text != quote; text++) {
        if (*text == '\\' && text[1] != '\0') text++;
        if (*text == '\0') return NULL;
        *line += *text == '\n';
    }
    return *line == opened || text[1] == '\0' || strchr(" \t\r\n{},)", text[1]) ? text : NULL;
}

/* False: quotes are not closed, and the parser would guess. The text between "=" and the end of its value is no key.
 * `value`: a value is being read; `list`: its braces are open, so a "}" ends the list and not the section. */
static bool quotes_look(struct conf_parse *parse, const char *text)
{
    static const char ends[] = " \t\r\n={}()+,\"'";
    struct scan scan = {.line = 1};
    for (bool value = false, list = false; *text != '\0'; text++) {
        const char *begin = text;
        scan.line += *text == '\n';
        if (*text == '"' || *text == '\'') {
            int opened = scan.line;
            text = quoted_end(text, &scan.line);
            if (!text) {
                conf_complain(parse, opened, "the quote that is opened here is not closed; expected `%c`", *begin);
                return false;
            }
            scan_word(&scan, begin + 1, text);
        } else if (*text == '=') {
            scan_key(parse, &scan);
            value_look(parse, &scan, text + 1);
            value = true;
            continue;
        } else if (*text == '{' && value) {
            list = true;
        } else if (*text == '{') {
            if (scan.depth++ == 0) scan_section(parse, &scan);
            scan.words[0][0] = scan.words[1][0] = '\0';
        } else if (*text == '}') {
            scan.depth -= !list && scan.depth > 0;
            list = false;
            scan.words[0][0] = scan.words[1][0] = '\0';
        } else if (!strchr(ends, *text)) {
            while (text[1] != '\0' && !strchr(ends, text[1])) text++;
            scan_word(&scan, begin, text + 1);
        } else {
            continue;
        }
        /* the words before were the value, or a part of the value */
        if (value) scan.words[0][0] = scan.words[1][0] = '\0';
        value = list;
    }
    return true;
}

/* Returns the file's text, or NULL. A path that is no file would make libconfuse end the process. */
static char *file_text(struct conf_parse *parse)
{
    size_t length;
    const char *why;
    char *text = file_read(parse->file, FILE_MAX, &length, &why);
    if (!text) {
        conf_complain(parse, 0, "cannot be read: %s", why);
    } else if (strlen(text) != length) {
        conf_complain(parse, 0, "is no text: byte %zu is zero", strlen(text));
        free(text);
        text = NULL;
    }
    return text;
}

/* Reads the file: removes comments, checks quotes, then runs the parser. */
static bool parse_text(struct conf_parse *parse, cfg_t *cfg, char *text)
{
    int result = CFG_SUCCESS;
    FILE *file;
    int opened = comments_blank(text);
    if (text[0] == '\0') return true;
    if (!quotes_look(parse, text)) return false;
    file = fmemopen(text, strlen(text), "r");
    if (!file) abort();
    parsing = parse;
    cfg_set_error_function(cfg, conf_on_error);
    result = cfg_parse_fp(cfg, file);
    parsing = NULL;
    fclose(file);
    if (result != CFG_SUCCESS && parse->complaints == 0) conf_complain(parse, 0, "cannot be read");
    if (parse->complaints == 0 && opened != 0)
        conf_complain(parse, opened, "the brace that is opened here is not closed; expected `}`");
    return parse->complaints == 0;
}

void conf_plugin(const struct conf_adapter *adapter, char name[CONF_PLUGIN])
{
    const char *slash = strrchr(adapter->plugin, '/'), *file = slash ? slash + 1 : adapter->plugin;
    (void)snprintf(name, CONF_PLUGIN, "%.*s", (int)strcspn(file, "."), file);
}

bool conf_plugin_can(const struct conf_adapter *adapter, enum cap cap)
{
    char name[CONF_PLUGIN];
    conf_plugin(adapter, name);
    const struct contract *contract = contract_named(name);
    return contract && (contract->caps & cap) != 0;
}

/* Returns the value; an empty one counts as none. */
const char *conf_value(const void *self, const char *key)
{
    const struct conf_adapter *adapter = self;
    for (size_t i = 0; i < adapter->setting_count; i++)
        if (strcmp(adapter->settings[i].key, key) == 0 && adapter->settings[i].value[0] != '\0')
            return adapter->settings[i].value;
    return NULL;
}

/* Describes the sections first, then the top level, which contains them. NULL: there were complaints. */
cfg_t *conf_parsed(struct conf_parse *parse)
{
    cfg_opt_t options[SECTIONS][ROWS_MAX];
    size_t n;
    for (enum conf_section i = 0; i < SECTIONS; i++) conf_options_fill(i, options[i]);
    for (n = 0; options[SECTION_top][n].name; n++) continue;
    for (enum conf_section i = SECTION_top + 1; i < SECTIONS; i++) {
        cfg_flag_t flags = (sections[i].many ? CFGF_TITLE | CFGF_MULTI | CFGF_NO_TITLE_DUPES : CFGF_NONE) |
                           (sections[i].open ? CFGF_KEYSTRVAL : CFGF_NONE);
        options[SECTION_top][n++] = (cfg_opt_t)CFG_SEC(sections[i].name, options[i], flags);
    }
    options[SECTION_top][n] = (cfg_opt_t)CFG_END();
    cfg_t *cfg = cfg_init(options[SECTION_top], CFGF_NONE);
    if (!cfg) abort();
    char *text = file_text(parse);
    bool good = text && parse_text(parse, cfg, text);
    free(text);
    if (good) return cfg;
    cfg_free(cfg);
    return NULL;
}

/* Returns the name of a plugin's key without its star, which marks mandatory keys. */
static const char *key_name(const char *key)
{
    return key[0] == '*' ? key + 1 : key;
}

/* True: the plugin understands this key. */
static bool setting_known(const char *key, const char *const *keys)
{
    for (; *keys; keys++)
        if (strcmp(key_name(*keys), key) == 0) return true;
    return false;
}

/* True: the section has this key. */
static bool conf_setting_given(const struct conf_adapter *adapter, const char *key)
{
    for (size_t i = 0; i < adapter->setting_count; i++)
        if (strcmp(adapter->settings[i].key, key) == 0) return true;
    return false;
}

/* Checks both directions: each given key is one of the plugin's, and each mandatory key of the plugin is given. */
bool conf_check_adapter(const struct conf *conf, const struct conf_adapter *adapter, const char *const *keys,
                        conf_complaint *complaint, void *self)
{
    assert(conf && adapter && keys && complaint);
    struct conf_parse parse = {.file = conf->file, .complain = complaint, .self = self};
    char expected[TEXT_MAX];
    size_t at = 0;
    conf_keys_print(SECTION_adapter, expected, sizeof expected);
    at = strlen(expected);
    for (size_t i = 0; keys[i] && at < sizeof expected; i++)
        at += (size_t)snprintf(expected + at, sizeof expected - at, ", `%s`", key_name(keys[i]));
    for (size_t i = 0; i < adapter->setting_count; i++)
        if (!setting_known(adapter->settings[i].key, keys))
            conf_complain(&parse, adapter->settings[i].line, "unknown setting `%s` of adapter `%s`; expected %s",
                          adapter->settings[i].key, adapter->name, expected);
    for (; *keys; keys++)
        if (**keys == '*' && !conf_setting_given(adapter, key_name(*keys)))
            conf_complain(&parse, adapter->line, "adapter `%s` lacks `%s = ...`", adapter->name, key_name(*keys));
    return parse.complaints == 0;
}
