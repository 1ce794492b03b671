/* tests/fuzz/fuzz_mm7.c - Any bytes as a multimedia message: it is read, and what comes out is within the limits, may
 * be shown, and is answered by a document that is XML.
 *
 * The first byte: 0: a request of MM7 in parts, 1: its envelope alone, 2: a mail of MM4. */
#include <glib.h>
#include <jansson.h>
#include <string.h>

#include "runtime/adapters/mms/message.h"
#include "runtime/adapters/mms/mended.h"
#include "runtime/mail/parts.h"
#include "tests/fuzz/fuzz.h"

static const char *get(void *self, const char *key)
{
    (void)self;
    return strcmp(key, "numbers") == 0 ? "+4930123=a, *=b"
           : strcmp(key, "store") == 0 ? "sqlite:/nowhere/store"
           : strcmp(key, "mm7") == 0   ? "127.0.0.1:0"
                                       : NULL;
}

static void shown(const char *text, size_t max, bool one_line)
{
    if (!text) return;
    MUST(strlen(text) <= max && g_utf8_validate(text, -1, NULL));
    for (const char *c = text; *c; c++) MUST((unsigned char)*c >= 0x20 || (!one_line && (*c == '\n' || *c == '\t')));
}

/* Each place names a part that may be shown, or a file that the sender has put on a slide. */
static void slides(const struct mms_content *content)
{
    json_t *all = json_loads(content->slides, 0, NULL), *slide;
    size_t i, j;
    MUST(json_is_array(all) && json_array_size(all) <= MMS_SLIDES_MAX + 1);
    json_array_foreach(all, i, slide)
    {
        json_t *place;
        MUST(json_integer_value(json_object_get(slide, "ms")) >= 0 &&
             json_array_size(json_object_get(slide, "parts")) > 0);
        json_array_foreach(json_object_get(slide, "parts"), j, place)
            MUST(json_integer_value(place) >= 0 && (size_t)json_integer_value(place) < content->count);
    }
    json_decref(all);
}

static void look(const struct mms_content *content)
{
    MUST(content->count <= MMS_PARTS_MAX);
    shown(content->text, MMS_TEXT_MAX, false);
    for (size_t i = 0; i < content->count; i++) {
        const struct content_part *part = &content->parts[i];
        shown(part->type, MMS_NAME_MAX, true), shown(part->name, MMS_NAME_MAX, true);
        shown(part->id, MMS_NAME_MAX, true), shown(part->location, MMS_NAME_MAX, true);
        MUST(!part->name || !strpbrk(part->name, "/\\"));
        if (part->text) shown(part->bytes, part->length, false);
    }
    slides(content);
}

static void answered(const struct mms_message *message)
{
    struct mm7 back;
    char why[100];
    GString *answer = g_string_new(NULL);
    mm7_answer(answer, &message->envelope, MM7_SUCCESS, "Success");
    MUST(mm7_read(&back, answer->str, answer->len, why, sizeof why) && !back.mended);
    mm7_free(&back);
    g_string_free(answer, TRUE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct mms_setting setting;
    static bool is_read;
    char why[200];
    if (size == 0) return 0;
    if (!is_read) {
        is_read = true;
        parts_begin();
        MUST(mms_setting_read(&setting, get, NULL, why, sizeof why));
    }
    const char *bytes = (const char *)data + 1;
    struct mms_message *message =
        data[0] % 3 == 2
            ? mms_read_mm4(&setting, &(struct mms_mail){"a@x", "+4930123/TYPE=PLMN@x", bytes, size - 1})
            : mms_read_mm7(&setting, data[0] % 3 == 0 ? "multipart/related; boundary=out; start=s" : "text/xml", bytes,
                           size - 1);
    MUST((message->what == MMS_MESSAGE) == !*message->why);
    if (message->what == MMS_MESSAGE) {
        MUST(*message->external_id && *message->queue && message->content);
        shown(message->external_id, MMS_ID_MAX + 80, true), shown(message->subject, MMS_SUBJECT_MAX, true);
        shown(message->transaction, MMS_NAME_MAX, true), shown(message->message_id, MMS_NAME_MAX, true);
        MUST(!message->answer_to || !strpbrk(message->answer_to, " <>"));
        look(message->content);
    }
    if (message->envelope.request) answered(message);
    mms_message_free(message);
    return 0;
}
