/* runtime/mail/header.c - Reads the encoded words and the parameters of headers. Encoded words of one charset that
 * follow each other are joined as bytes before they are converted, because some senders divide a character between
 * two words. */
#include "runtime/mail/header.h"

#include <string.h>

#include "runtime/mail/charset.h"
#include "runtime/mail/parts.h"

enum { VALUE_MAX = 65536, PIECES_MAX = 100 };

/* The value of a header on one line, in UTF-8, without blanks at its ends. Japanese programs write ISO-2022-JP
 * without encoded words. */
static char *header_unfolded(const char *raw)
{
    bool escaped = strstr(raw, "\x1b$") != NULL;
    GString *utf8 = charset_utf8(raw, strnlen(raw, VALUE_MAX), escaped ? "iso-2022-jp" : NULL);
    gsize to = 0;
    for (gsize i = 0; i < utf8->len; i++)
        if (utf8->str[i] != '\r' && utf8->str[i] != '\n') utf8->str[to++] = utf8->str[i];
    g_string_truncate(utf8, to);
    return g_strstrip(g_string_free(utf8, FALSE));
}

/* ---- encoded words ---- */

struct encoded_word { /* =?charset?encoding?bytes?= */
    const char *charset, *bytes, *end;
    size_t charset_length, length;
    char encoding;
};

/* Reads the encoded word at that place. `last` is the last `?=` of the whole value: after it no word can end, so a
 * value with many beginnings and no end is not searched again and again. False: it is no complete word, and stays as
 * it was written. */
static bool encoded_word_at(const char *at, const char *last, struct encoded_word *word)
{
    if (!last || at >= last || at[0] != '=' || at[1] != '?') return false;
    word->charset = at + 2;
    word->charset_length = strcspn(word->charset, "? \t");
    const char *mark = word->charset + word->charset_length;
    if (word->charset_length == 0 || *mark != '?' || !mark[1] || mark[2] != '?') return false;
    word->encoding = g_ascii_toupper(mark[1]);
    word->bytes = mark + 3;
    if (word->bytes > last || (word->encoding != 'B' && word->encoding != 'Q')) return false;
    const char *end = strstr(word->bytes, "?=");
    word->length = (size_t)(end - word->bytes);
    word->end = end + 2;
    return true;
}

static void words_put_quoted(GString *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bool byte = text[i] == '=' && i + 2 < length && g_ascii_isxdigit(text[i + 1]) && g_ascii_isxdigit(text[i + 2]);
        if (byte) {
            g_string_append_c(out, (gchar)(g_ascii_xdigit_value(text[i + 1]) * 16 + g_ascii_xdigit_value(text[i + 2])));
            i += 2;
        } else
            g_string_append_c(out, text[i] == '_' ? ' ' : text[i]);
    }
}

static bool same_charset(const struct encoded_word *one, const struct encoded_word *other)
{
    return one->charset_length == other->charset_length &&
           g_ascii_strncasecmp(one->charset, other->charset, one->charset_length) == 0;
}

/* Reads the encoded words at the beginning that have the same charset; blanks between them are dropped. Returns
 * where they end. */
static const char *words_run(const char *at, const char *last, GString *text)
{
    struct encoded_word word, next;
    GString *bytes = g_string_new(NULL);
    bool more = encoded_word_at(at, last, &word);
    while (more) {
        if (word.encoding == 'B') {
            GByteArray *meant = g_byte_array_new();
            mail_base64_put(meant, word.bytes, word.length);
            g_string_append_len(bytes, (const gchar *)meant->data, meant->len);
            g_byte_array_free(meant, TRUE);
        } else
            words_put_quoted(bytes, word.bytes, word.length);
        more = encoded_word_at(word.end + strspn(word.end, " \t"), last, &next) && same_charset(&word, &next);
        if (more) word = next;
    }
    char *charset = g_strndup(word.charset, word.charset_length);
    GString *utf8 = charset_utf8(bytes->str, bytes->len, charset);
    g_string_append_len(text, utf8->str, (gssize)utf8->len);
    g_string_free(utf8, TRUE), g_string_free(bytes, TRUE);
    g_free(charset);
    const char *behind = word.end + strspn(word.end, " \t");
    return encoded_word_at(behind, last, &next) ? behind : word.end;
}

static void words_put_plain(GString *out, GString *words)
{
    g_string_append_len(out, words->str, (gssize)words->len);
}

static void words_put_encoded(GString *out, GString *words)
{
    char *text = g_base64_encode((const guchar *)words->str, words->len);
    if (words->len > 0) g_string_append_printf(out, "=?utf-8?B?%s?=", text);
    g_free(text);
}

/* The value of a header, each run of encoded words written by `put`. Blanks between two encoded words are no text
 * (RFC 2047, 6.2), so a whole run is read before `put` is called. */
static char *header_with(const char *raw, void (*put)(GString *out, GString *words))
{
    struct encoded_word word;
    char *value = header_unfolded(raw);
    GString *out = g_string_new(NULL), *words = g_string_new(NULL);
    const char *last = g_strrstr(value, "?="); /* NULL: the value has no encoded word */
    for (const char *at = value; *at;) {
        if (!encoded_word_at(at, last, &word)) {
            g_string_append_c(out, *at++);
            continue;
        }
        g_string_truncate(words, 0);
        while (encoded_word_at(at, last, &word)) at = words_run(at, last, words);
        put(out, words);
    }
    g_string_free(words, TRUE);
    g_free(value);
    return g_string_free(out, FALSE);
}

char *header_text(GMimeObject *object, const char *name)
{
    GMimeHeader *header = g_mime_header_list_get_header(g_mime_object_get_header_list(object), name);
    return header ? header_with(g_mime_header_get_raw_value(header), words_put_plain) : NULL;
}

/* Reads the addresses in all headers of that name by the library, whose reader understands encoded words in UTF-8:
 * each run of words is rewritten as one such word. */
InternetAddressList *header_addresses(GMimeObject *object, const char *name)
{
    GMimeHeaderList *headers = g_mime_object_get_header_list(object);
    InternetAddressList *all = NULL;
    size_t read = 0;
    for (int i = 0; i < g_mime_header_list_get_count(headers) && read < VALUE_MAX; i++) {
        GMimeHeader *header = g_mime_header_list_get_header_at(headers, i);
        if (g_ascii_strcasecmp(g_mime_header_get_name(header), name) != 0) continue;
        char *value = header_with(g_mime_header_get_raw_value(header), words_put_encoded);
        read += strlen(value) + 1;
        InternetAddressList *more = internet_address_list_parse(NULL, value);
        g_free(value);
        if (all && more) internet_address_list_append(all, more), g_object_unref(more);
        if (!all) all = more;
    }
    return all;
}

/* ---- parameters ---- */

struct parameter {
    GString *pieces[PIECES_MAX];
    bool percent[PIECES_MAX];
    char *whole, *extended; /* name=, name*= */
};

/* Reads a value up to the next semicolon, without its quotation marks. Returns where it ends. */
static const char *parameter_value(const char *at, GString *value)
{
    at += strspn(at, " \t");
    bool quoted = *at == '"';
    if (quoted) at++;
    for (; *at && (quoted ? *at != '"' : *at != ';'); at++) {
        if (quoted && *at == '\\' && at[1]) at++;
        g_string_append_c(value, *at);
    }
    if (!quoted) g_strchomp(value->str), value->len = strlen(value->str);
    return at + strcspn(at, ";");
}

static void parameter_put_percent(GString *out, const char *text)
{
    for (; *text; text++)
        if (*text == '%' && g_ascii_isxdigit(text[1]) && g_ascii_isxdigit(text[2])) {
            g_string_append_c(out, (gchar)(g_ascii_xdigit_value(text[1]) * 16 + g_ascii_xdigit_value(text[2])));
            text += 2;
        } else
            g_string_append_c(out, *text);
}

/* charset'language'text */
static char *extended_text(const char *value)
{
    const char *first = strchr(value, '\''), *second = first ? strchr(first + 1, '\'') : NULL;
    char *charset = second ? g_strndup(value, (gsize)(first - value)) : NULL;
    GString *bytes = g_string_new(NULL);
    parameter_put_percent(bytes, second ? second + 1 : value);
    GString *utf8 = charset_utf8(bytes->str, bytes->len, charset);
    g_string_free(bytes, TRUE);
    g_free(charset);
    return g_string_free(utf8, FALSE);
}

/* The text of a parameter that comes in numbered pieces, up to the first number that is missing. A percent sign in a
 * piece that is not percent-encoded is encoded first. `name*0*=utf-8''a%20; name*1=b` becomes "a b": pieces are joined
 * first and decoded afterwards (RFC 2231, 4.1). */
static char *pieces_text(const struct parameter *parameter)
{
    GString *all = g_string_new(NULL);
    if (!parameter->percent[0]) g_string_append(all, "''");
    for (size_t i = 0; i < PIECES_MAX && parameter->pieces[i]; i++)
        for (const char *at = parameter->pieces[i]->str; *at; at++)
            if (*at == '%' && !parameter->percent[i])
                g_string_append(all, "%25");
            else
                g_string_append_c(all, *at);
    char *text = extended_text(all->str);
    g_string_free(all, TRUE);
    return text;
}

/* Takes the value. `behind` is the text between the parameter's name and `=`: nothing, `*`, `*0`, `*0*`. If a form
 * comes twice, the first one counts. */
static void parameter_take(struct parameter *parameter, const char *behind, GString *value)
{
    char *end;
    if (*behind == 0 || strcmp(behind, "*") == 0) {
        char **to = *behind ? &parameter->extended : &parameter->whole;
        char *text = *to ? NULL : *behind ? extended_text(value->str) : header_with(value->str, words_put_plain);
        if (text) *to = text;
        g_string_free(value, TRUE);
        return;
    }
    guint64 piece = *behind == '*' && g_ascii_isdigit(behind[1]) ? g_ascii_strtoull(behind + 1, &end, 10) : PIECES_MAX;
    if (piece < PIECES_MAX && !parameter->pieces[piece] && (*end == 0 || strcmp(end, "*") == 0)) {
        parameter->pieces[piece] = value;
        parameter->percent[piece] = *end == '*';
    } else
        g_string_free(value, TRUE);
}

/* Finds a parameter. An extended value (name*=) counts before pieces, and pieces before a plain value, since senders
 * write the plain one for old readers. */
char *header_parameter(GMimeObject *object, const char *header, const char *name)
{
    GMimeHeader *found = g_mime_header_list_get_header(g_mime_object_get_header_list(object), header);
    struct parameter parameter = {0};
    size_t length = strlen(name);
    if (!found) return NULL;
    char *line = header_unfolded(g_mime_header_get_raw_value(found));
    for (const char *at = strchr(line, ';'); at && *at == ';';) {
        at += 1 + strspn(at + 1, " \t");
        size_t word = strcspn(at, "=; \t");
        const char *equals = at + word + strspn(at + word, " \t");
        if (*equals != '=') {
            at += strcspn(at, ";");
            continue;
        }
        GString *value = g_string_new(NULL);
        char *behind =
            word >= length && g_ascii_strncasecmp(at, name, length) == 0 ? g_strndup(at + length, word - length) : NULL;
        at = parameter_value(equals + 1, value);
        if (behind)
            parameter_take(&parameter, behind, value);
        else
            g_string_free(value, TRUE);
        g_free(behind);
    }
    char *text = parameter.extended    ? g_strdup(parameter.extended)
                 : parameter.pieces[0] ? pieces_text(&parameter)
                                       : g_strdup(parameter.whole);
    for (size_t i = 0; i < PIECES_MAX; i++)
        if (parameter.pieces[i]) g_string_free(parameter.pieces[i], TRUE);
    g_free(parameter.whole), g_free(parameter.extended), g_free(line);
    return text;
}

char *header_file_name(GMimeObject *object)
{
    char *name = header_parameter(object, "Content-Disposition", "filename");
    return name ? name : header_parameter(object, "Content-Type", "name");
}
