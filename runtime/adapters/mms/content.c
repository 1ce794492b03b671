/* runtime/adapters/mms/content.c - Takes the parts out of a parsed multimedia message, and puts them on slides.
 *
 *     multipart/related
 *       application/smil   "raw"          which part stands on which slide, how long
 *       text/plain         0 "inline"     slide 1: parts 0, 1
 *       image/jpeg         1 "inline"
 *       application/zip    2 "attachment"    on no slide, unless the SMIL names it
 *
 *     slides   [{"ms": 5000, "parts": [0, 1]}, {"ms": 0, "parts": [what no slide has]}]
 *
 * Senders name parts in three ways: by Content-Id, by Content-Location and by the file's name. Many senders write such
 * a name differently, with other letters or a path in front, so names that do not match are compared more loosely. If a
 * limit cuts something off, `cut` is set; the message is not refused for it. */
#include "runtime/adapters/mms/content.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/mms/smil.h"
#include "runtime/adapters/mms/mended.h"
#include "runtime/mail/header.h"
#include "runtime/mail/parts.h"
#include "runtime/mail/text.h"
#include "runtime/web/magic.h"

#define FILE_TYPE "application/octet-stream"

struct content_walk {
    struct mms_content *content;
    const GMimeObject *envelope;
    GArray *parts; /* of struct content_part */
};

/* ---- one part ---- */

/* Returns the name in a header without < and >, which some senders leave out. */
static char *content_bare(const char *value)
{
    char *line = value ? text_line(value, MMS_NAME_MAX) : NULL;
    if (!line) return NULL;
    size_t from = *line == '<' ? 1 : 0, length = strlen(line + from);
    if (length > 0 && line[from + length - 1] == '>') length--;
    char *bare = length > 0 ? g_strndup(line + from, length) : NULL;
    g_free(line);
    return bare;
}

static bool content_is_presentation(const char *type)
{
    return g_ascii_strcasecmp(type, "application/smil") == 0 || g_ascii_strcasecmp(type, "application/smil+xml") == 0;
}

static void content_as_text(struct content_part *part, const char *charset)
{
    GString *text = text_utf8(part->bytes, part->length, charset);
    g_free(part->bytes);
    part->length = text->len;
    part->bytes = g_string_free(text, FALSE);
    part->text = true;
}

/* Sets what the part is: its bytes decide; for text, which has no typical bytes, the sender's type decides. */
static void content_judge(struct content_part *part, const char *charset)
{
    const char *magic = magic_type(part->bytes, part->length);
    bool plain = g_ascii_strcasecmp(part->type, "text/plain") == 0;
    if (content_is_presentation(part->type)) {
        part->role = "raw";
        return;
    }
    part->role = magic || plain ? "inline" : "attachment";
    if (!magic && plain) content_as_text(part, charset);
    if (!magic && plain) return;
    char *type = g_strdup(magic_or_said(part->bytes, part->length, part->type));
    g_free(part->type);
    part->type = type;
}

/* Keeps a part; the bytes of an empty part are an empty text and never NULL. */
static void content_keep(struct content_walk *walk, GMimeObject *object)
{
    if (walk->parts->len >= MMS_PARTS_MAX) {
        walk->content->cut = true;
        return;
    }
    GMimeContentType *content = g_mime_object_get_content_type(object);
    char *type = content ? g_mime_content_type_get_mime_type(content) : NULL;
    char *name = header_file_name(object);
    GByteArray *bytes = part_bytes(GMIME_PART(object));
    struct content_part part = {.type = text_line(type ? type : FILE_TYPE, MMS_NAME_MAX),
                                .name = name ? text_file_name(name, MMS_NAME_MAX) : NULL,
                                .id = content_bare(g_mime_object_get_header(object, "Content-Id")),
                                .location = content_bare(g_mime_object_get_header(object, "Content-Location")),
                                .length = bytes->len};
    bool empty = !bytes->data;
    char *taken = (char *)g_byte_array_free(bytes, FALSE);
    part.bytes = empty ? g_strdup("") : taken;
    content_judge(&part, g_mime_object_get_content_type_parameter(object, "charset"));
    g_free(type), g_free(name);
    g_array_append_val(walk->parts, part);
}

/* Keeps a message within the message, as people forward it, as one file, without reading its parts. */
static void content_keep_message(struct content_walk *walk, GMimeObject *object)
{
    GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
    if (!message || walk->parts->len >= MMS_PARTS_MAX) {
        walk->content->cut = true;
        return;
    }
    char *name = header_parameter(object, "Content-Disposition", "filename");
    GByteArray *bytes = g_byte_array_new();
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
    g_mime_object_write_to_stream(GMIME_OBJECT(message), NULL, stream);
    g_object_unref(stream);
    struct content_part part = {.role = "attachment",
                                .type = g_strdup(FILE_TYPE),
                                .name = text_file_name(name ? name : "message.eml", MMS_NAME_MAX),
                                .length = bytes->len};
    bool empty = !bytes->data;
    char *taken = (char *)g_byte_array_free(bytes, FALSE);
    part.bytes = empty ? g_strdup("") : taken;
    g_free(name);
    g_array_append_val(walk->parts, part);
}

/* Goes through the parts; the depth is limited, as the sender decides how deep parts are nested. */
static void content_walk(struct content_walk *walk, GMimeObject *object, unsigned level)
{
    if (object == walk->envelope) return;
    if (GMIME_IS_PART(object)) {
        content_keep(walk, object);
        return;
    }
    if (GMIME_IS_MESSAGE_PART(object)) {
        content_keep_message(walk, object);
        return;
    }
    if (!GMIME_IS_MULTIPART(object) || level >= MMS_LEVELS_MAX) {
        walk->content->cut = true;
        return;
    }
    int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));
    for (int i = 0; i < count; i++) {
        GMimeObject *child = g_mime_multipart_get_part(GMIME_MULTIPART(object), i);
        if (child) content_walk(walk, child, level + 1);
    }
}

/* ---- slides ---- */

/* Has the part this name? `loose`: from the strictest comparison to the loosest. */
static bool content_is_named(const struct content_part *part, const char *name, unsigned loose)
{
    const char *const names[] = {part->id, part->location, part->name};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (!names[i]) continue;
        if (loose == 0 && strcmp(names[i], name) == 0) return true;
        if (loose == 1 && g_ascii_strcasecmp(names[i], name) == 0) return true;
        const char *slash = strrchr(name, '/'), *own = strrchr(names[i], '/');
        if (loose == 2 && g_ascii_strcasecmp(own ? own + 1 : names[i], slash ? slash + 1 : name) == 0) return true;
    }
    return false;
}

/* Returns the place of the part that a presentation names; -1: there is none. All parts are compared strictly before
 * any is compared loosely: "a.jpg" must not find "A.jpg" if both exist. */
static int content_find(const struct mms_content *content, const char *src)
{
    char *name = g_uri_unescape_string(g_ascii_strncasecmp(src, "cid:", 4) == 0 ? src + 4 : src, NULL);
    char *bare = content_bare(name ? name : src);
    int found = -1;
    for (unsigned loose = 0; loose <= 2 && bare && found < 0; loose++)
        for (size_t i = 0; i < content->count && found < 0; i++)
            if (strcmp(content->parts[i].role, "raw") != 0 && content_is_named(&content->parts[i], bare, loose))
                found = (int)i;
    g_free(name), g_free(bare);
    return found;
}

static void content_say(struct mms_content *content, GString *text, size_t at)
{
    const struct content_part *part = &content->parts[at];
    if (!part->text || text_blank(part->bytes)) return;
    if (text->len > 0) g_string_append_c(text, '\n');
    g_string_append_len(text, part->bytes, (gssize)MIN(part->length, (size_t)MMS_TEXT_MAX + 1));
    content->cut |= mail_text_cut(text, MMS_TEXT_MAX);
}

/* Makes a slide; a part that the sender puts on a slide several times is listed once. */
static json_t *content_slide(struct mms_content *content, const struct slide *slide, bool *placed, GString *text)
{
    json_t *places = json_array();
    for (guint i = 0; i < slide->items->len; i++) {
        int at = content_find(content, slide->items->pdata[i]);
        if (at < 0) continue;
        json_array_append_new(places, json_integer(at));
        if (!placed[at]) content_say(content, text, (size_t)at);
        placed[at] = true;
    }
    return places;
}

static void content_add_slide(json_t *slides, uint64_t ms, json_t *places)
{
    if (json_array_size(places) > 0)
        json_array_append_new(slides, json_pack("{s:I, s:O}", "ms", (json_int_t)ms, "parts", places));
    json_decref(places);
}

/* Returns the first presentation that can be read; NULL: none. */
static GArray *content_presentation(struct mms_content *content)
{
    char why[100];
    for (size_t i = 0; i < content->count; i++) {
        const struct content_part *part = &content->parts[i];
        if (strcmp(part->role, "raw") != 0) continue;
        GArray *slides = smil_slides();
        if (smil_read(slides, part->bytes, part->length, &content->cut, why, sizeof why)) return slides;
        g_array_free(slides, TRUE);
    }
    return NULL;
}

/* Makes a last slide of the parts that no slide has, so that nothing is hidden. */
static json_t *content_rest(struct mms_content *content, const bool *placed, GString *text)
{
    json_t *places = json_array();
    for (size_t i = 0; i < content->count; i++) {
        if (placed[i] || strcmp(content->parts[i].role, "inline") != 0) continue;
        json_array_append_new(places, json_integer((json_int_t)i));
        content_say(content, text, i);
    }
    return places;
}

/* Makes the slides; without a presentation, or with one that names no part, all parts are on one slide in their
 * order. */
static void content_present(struct mms_content *content)
{
    GArray *read = content_presentation(content);
    json_t *slides = json_array();
    GString *text = g_string_new(NULL);
    bool *placed = g_new0(bool, content->count + 1);
    for (guint i = 0; read && i < read->len; i++) {
        const struct slide *slide = &g_array_index(read, struct slide, i);
        content_add_slide(slides, slide->ms, content_slide(content, slide, placed, text));
    }
    content->presented = json_array_size(slides) > 0;
    content_add_slide(slides, 0, content_rest(content, placed, text));
    content->text = g_string_free(text, FALSE);
    char *written = json_dumps(slides, JSON_COMPACT);
    content->slides = g_strdup(written);
    free(written);
    json_decref(slides);
    g_free(placed);
    if (read) g_array_free(read, TRUE);
}

/* ---- the whole content ---- */

struct mms_content *content_read(GMimeObject *root, const GMimeObject *envelope)
{
    struct mms_content *content = g_new0(struct mms_content, 1);
    struct content_walk walk = {content, envelope, g_array_new(FALSE, FALSE, sizeof(struct content_part))};
    if (root) content_walk(&walk, root, 0);
    content->count = walk.parts->len;
    content->parts = (struct content_part *)g_array_free(walk.parts, FALSE);
    content_present(content);
    assert(content->text && content->slides);
    return content;
}

void content_free(struct mms_content *content)
{
    if (!content) return;
    for (size_t i = 0; i < content->count; i++) {
        struct content_part *part = &content->parts[i];
        g_free(part->type), g_free(part->name), g_free(part->id), g_free(part->location), g_free(part->bytes);
    }
    g_free(content->parts), g_free(content->text), g_free(content->slides);
    g_free(content);
}
