/* runtime/adapters/conversation/content.c - The text and the JSON object of a message that is neither a text nor a
 * file. */
#include "runtime/adapters/conversation/content.h"

#include <glib.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { MICRO = 1000000, DECIMALS = 6, DEGREES_MAX = 180, COUNT_MAX = 1000000, COORDINATE = 24 };

bool content_is_aside(enum message_kind kind)
{
    enum { SAID = false, ASIDE = true };
    switch (kind) {
#define CONTENT(name, aside, doc)                                                                                      \
    case message_kind_##name:                                                                                          \
        return aside;
#include "runtime/adapters/conversation/content.def"
    default:
        return false;
    }
}

/* ---- texts and numbers from outside ---- */

/* Returns the text as one line, cut; "": there is none. */
static char *content_line_of(const char *text)
{
    char *line = g_strndup(text ? text : "", text ? utf8_cut(text, (uint32_t)strlen(text), CONTENT_FIELD) : 0);
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127) *c = ' ';
    return g_strstrip(line);
}

/* Reads a decimal number, such as -12.50, in millionths; digits after the sixth decimal are left out. False: it is
 * none, is longer than COORDINATE bytes, or is not between -`most` and `most`. */
static bool content_number(const char *text, int64_t most, int64_t *millionths)
{
    int64_t value = 0;
    unsigned digits = 0, decimals = 0;
    bool below = text && *text == '-', point = false;
    for (const char *c = text ? text + below : ""; *c; c++) {
        if (*c == '.' && !point && digits > 0) {
            point = true;
            continue;
        }
        if (!g_ascii_isdigit(*c)) return false;
        digits++;
        if (point && decimals == DECIMALS) continue;
        decimals += point;
        value = 10 * value + (*c - '0');
        if (!point && value > most) return false;
    }
    for (; decimals < DECIMALS; decimals++) value *= 10;
    *millionths = below ? -value : value;
    return digits > 0 && digits < COORDINATE && value <= most * MICRO;
}

/* Writes millionths as a price: two decimals, or as many as there are. */
static char *content_price(int64_t millionths)
{
    char *text = g_strdup_printf("%" G_GINT64_FORMAT ".%06d", millionths / MICRO, (int)(millionths % MICRO));
    for (size_t length = strlen(text); text[length - 1] == '0' && text[length - 3] != '.'; length--)
        text[length - 1] = '\0';
    return text;
}

/* ---- an order ---- */

/* Returns the sum of an order, and sets its currency, which is borrowed; NULL: a price is missing, or there are two
 * currencies. */
static char *order_sum(const struct said_content *order, const char **currency)
{
    int64_t sum = 0, price, count;
    *currency = NULL;
    for (unsigned i = 0; i < order->count; i++) {
        const struct content_line *line = &order->lines[i];
        const char *of = line->currency ? line->currency : "";
        if (i > 0 && strcmp(*currency, of) != 0) return NULL;
        *currency = of;
        if (!content_number(line->price, COUNT_MAX * INT64_C(100), &price) || price < 0) return NULL;
        if (!content_number(line->count && *line->count ? line->count : "1", COUNT_MAX, &count) || count < 0)
            return NULL;
        if (count % MICRO != 0 || __builtin_mul_overflow(price, count / MICRO, &price) ||
            __builtin_add_overflow(sum, price, &sum))
            return NULL;
    }
    return order->count > 0 ? content_price(sum) : NULL;
}

/* ---- the text ---- */

static void content_add_line(GString *text, const char *between, const char *more)
{
    char *line = content_line_of(more);
    if (*line) g_string_append_printf(text, "%s%s", between, line);
    g_free(line);
}

static void text_of_place(GString *text, const struct said_content *place)
{
    int64_t unused;
    g_string_assign(text, "Place");
    content_add_line(text, ": ", place->name);
    content_add_line(text, text->len > strlen("Place") ? ", " : ": ", place->address);
    if (content_number(place->latitude, DEGREES_MAX / 2, &unused) &&
        content_number(place->longitude, DEGREES_MAX, &unused))
        g_string_append_printf(text, " (%.*s, %.*s)", COORDINATE, place->latitude, COORDINATE, place->longitude);
}

static void text_of_lines(GString *text, const struct said_content *content, const char *first)
{
    bool order = content->kind == message_kind_order;
    for (unsigned i = 0; i < content->count; i++) {
        const struct content_line *line = &content->lines[i];
        g_string_append(text, i == 0 ? first : "\n");
        if (order) content_add_line(text, "", line->count && *line->count ? line->count : "1");
        if (order) g_string_append(text, " ×");
        content_add_line(text, order ? " " : "", line->name);
        content_add_line(text, ": ", line->value);
        content_add_line(text, " at ", line->price);
        if (line->price && *line->price) content_add_line(text, " ", line->currency);
    }
}

static void text_of_order(GString *text, const struct said_content *order)
{
    const char *currency;
    char *sum = order_sum(order, &currency);
    text_of_lines(text, order, "Order:\n");
    if (order->count == 0) g_string_append(text, "Order");
    content_add_line(text, "\nSum: ", sum);
    if (sum) content_add_line(text, " ", currency);
    g_free(sum);
}

/* No text that the core gets is longer than CONTENT_TEXT. */
static char *content_text(const struct said_content *content)
{
    GString *text = g_string_new(NULL);
    const char *said = content->text ? content->text : "";
    switch (content->kind) {
    case message_kind_place:
        text_of_place(text, content);
        break;
    case message_kind_contact:
        text_of_lines(text, content, "Contact: ");
        if (content->count == 0) g_string_append(text, "Contact"), content_add_line(text, ": ", content->name);
        break;
    case message_kind_order:
        text_of_order(text, content);
        break;
    case message_kind_reaction:
        content_add_line(text, "Reaction to a message: ", said);
        if (text->len == 0) g_string_append(text, "The customer has taken back a reaction.");
        break;
    case message_kind_edit:
        g_string_append_printf(text, "The customer has changed a message: %s", said);
        break;
    case message_kind_deletion:
        g_string_append(text, "The customer has taken back a message.");
        break;
    case message_kind_unknown:
        content_add_line(text, "A message of a kind that gcx does not know: ", said);
        if (text->len == 0) g_string_append(text, "A message of a kind that gcx does not know.");
        break;
    default:
        g_string_append(text, said);
    }
    g_string_truncate(text, utf8_cut(text->str, text->len, CONTENT_TEXT));
    return g_string_free(text, FALSE);
}

/* ---- the object ---- */

static void about_put(json_t *object, const char *key, const char *text)
{
    char *line = content_line_of(text);
    if (*line) json_object_set_new(object, key, json_string(line));
    g_free(line);
}

static void about_put_number(json_t *object, const char *key, const char *text, int64_t most)
{
    int64_t unused;
    if (content_number(text, most, &unused)) json_object_set_new(object, key, json_string(text));
}

static void about_put_lines(json_t *about, const struct said_content *content)
{
    json_t *lines = json_array();
    for (unsigned i = 0; i < content->count; i++) {
        const struct content_line *from = &content->lines[i];
        json_t *line = json_object();
        about_put(line, "name", from->name), about_put(line, "value", from->value);
        about_put(line, "count", from->count), about_put(line, "price", from->price);
        about_put(line, "currency", from->currency);
        json_array_append_new(lines, line);
    }
    json_object_set_new(about, "lines", lines);
    const char *currency;
    char *sum = content->kind == message_kind_order ? order_sum(content, &currency) : NULL;
    if (sum) about_put(about, "sum", sum), about_put(about, "currency", currency);
    g_free(sum);
}

static char *content_about(const struct said_content *content)
{
    json_t *about = json_object();
    bool texts = content->kind == message_kind_edit || content->kind == message_kind_reaction;
    if (content->kind == message_kind_place) {
        about_put(about, "name", content->name), about_put(about, "address", content->address);
        about_put_number(about, "latitude", content->latitude, DEGREES_MAX / 2);
        about_put_number(about, "longitude", content->longitude, DEGREES_MAX);
    }
    if (content->count > 0) about_put_lines(about, content);
    if (texts) {
        const char *said = content->text ? content->text : "";
        json_object_set_new(about, "text", json_stringn(said, utf8_cut(said, (uint32_t)strlen(said), CONTENT_TEXT)));
    }
    char *text = json_object_size(about) > 0 ? json_dumps(about, JSON_COMPACT | JSON_SORT_KEYS) : NULL,
         *copy = g_strdup(text);
    free(text);
    json_decref(about);
    return copy;
}

void content_make(const struct said_content *content, struct content_made *made)
{
    *made = (struct content_made){.kind = content->kind,
                                  .of = content->of ? g_strdup(content->of) : NULL,
                                  .text = content_text(content),
                                  .about = content_about(content)};
}

void content_made_clear(struct content_made *made)
{
    g_free(made->of), g_free(made->other), g_free(made->ours), g_free(made->text), g_free(made->about);
    *made = (struct content_made){.kind = message_kind_other};
}

/* ---- texts of ours ---- */

char *content_about_marks(int64_t marks)
{
    return marks > 0 && marks <= CONTENT_MARKS ? g_strdup_printf("{\"marks\":%d}", (int)marks) : NULL;
}

unsigned content_marks(const char *about)
{
    json_t *object = about ? json_loads(about, 0, NULL) : NULL;
    json_int_t marks = json_integer_value(json_object_get(object, "marks"));
    json_decref(object);
    return marks > 0 && marks <= CONTENT_MARKS ? (unsigned)marks : 0;
}
