/* runtime/adapters/mms/mm7.c - Reads an envelope of MM7 and writes the answer. */
#include "runtime/adapters/mms/mm7.h"

#include <assert.h>
#include <string.h>

#include "runtime/adapters/mms/xml.h"
#include "runtime/mail/text.h"
#include "runtime/vocabulary/why.h"

enum { MM7_TEXT = 4096 /* bytes of an element that are looked at */, MM7_SPACE = 200 };
#define MM7_VERSION     "6.8.0"
#define MM7_SPACE_USUAL "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4"
#define SOAP_SPACE      "http://schemas.xmlsoap.org/soap/envelope/"

struct mm7_reader {
    struct mm7 *mm7;
    unsigned depth, body, sender, recipients; /* the depth of the open element of that name; 0: none */
    bool shown_only;                          /* the recipient is not the one that it is for */
    GString *text;                            /* of the innermost element so far */
};

/* A line of its text; NULL where it is empty, or there is one already. */
static void mm7_take(char **to, const GString *text, size_t max)
{
    char *line = *to ? NULL : text_line(text->str, max);
    if (line && *line)
        *to = line;
    else
        g_free(line);
}

static bool mm7_is_address(const char *name)
{
    return strcmp(name, "Number") == 0 || strcmp(name, "ShortCode") == 0 || strcmp(name, "RFC2822Address") == 0;
}

static void mm7_take_space(struct mm7 *mm7, const char *const *attributes)
{
    for (; attributes[0]; attributes += 2) {
        const char *value = attributes[1];
        if (!g_str_has_prefix(attributes[0], "xmlns") || !strstr(value, "MM7") || strlen(value) > MM7_SPACE) continue;
        g_free(mm7->space);
        mm7->space = g_strdup(value);
    }
}

static enum mm7_kind mm7_kind_of(const char *request)
{
    if (strcmp(request, "DeliverReq") == 0) return MM7_DELIVER;
    bool report = strcmp(request, "DeliveryReportReq") == 0 || strcmp(request, "ReadReplyReq") == 0;
    return report ? MM7_REPORT : MM7_OTHER;
}

static void mm7_on_begin(void *self, const char *name, const char *const *attributes)
{
    struct mm7_reader *reader = self;
    struct mm7 *mm7 = reader->mm7;
    unsigned depth = ++reader->depth;
    g_string_truncate(reader->text, 0);
    mm7_take_space(mm7, attributes);
    if (reader->body != 0 && depth == reader->body + 1 && !mm7->request) {
        mm7->request = text_line(name, MMS_NAME_MAX);
        mm7->kind = mm7_kind_of(name);
    }
    if (reader->body == 0 && strcmp(name, "Body") == 0) reader->body = depth;
    if (reader->sender == 0 && strcmp(name, "Sender") == 0) reader->sender = depth;
    if (reader->recipients == 0 && (strcmp(name, "Recipients") == 0 || strcmp(name, "Recipient") == 0))
        reader->recipients = depth;
    const char *shown_only = xml_attribute(attributes, "displayOnly");
    reader->shown_only = shown_only && (g_ascii_strcasecmp(shown_only, "true") == 0 || strcmp(shown_only, "1") == 0);
}

static void mm7_on_text(void *self, const char *bytes, size_t length)
{
    struct mm7_reader *reader = self;
    size_t room = MM7_TEXT - MIN(reader->text->len, (gsize)MM7_TEXT);
    g_string_append_len(reader->text, bytes, (gssize)MIN(length, room));
}

/* One that is too long is none: its beginning may be somebody else's. */
static void mm7_take_address(char **to, const GString *text)
{
    if (text->len <= MMS_ADDRESS_MAX) mm7_take(to, text, MMS_ADDRESS_MAX);
}

static void mm7_take_recipient(struct mm7_reader *reader)
{
    char *address = NULL;
    if (reader->mm7->recipients->len < MMS_RECIPIENTS_MAX && !reader->shown_only)
        mm7_take_address(&address, reader->text);
    if (address) g_ptr_array_add(reader->mm7->recipients, address);
}

static void mm7_on_end(void *self, const char *name)
{
    struct mm7_reader *reader = self;
    struct mm7 *mm7 = reader->mm7;
    bool address = mm7_is_address(name);
    if (strcmp(name, "TransactionID") == 0) mm7_take(&mm7->transaction, reader->text, MM7_TEXT);
    if (strcmp(name, "MM7Version") == 0) mm7_take(&mm7->version, reader->text, MMS_NAME_MAX);
    if (strcmp(name, "Subject") == 0) mm7_take(&mm7->subject, reader->text, MMS_SUBJECT_MAX);
    if (strcmp(name, "LinkedID") == 0) mm7_take(&mm7->linked, reader->text, MM7_TEXT);
    /* Some say the sender, or a recipient, without an element around the number. */
    if (reader->sender != 0 && (address || reader->depth == reader->sender))
        mm7_take_address(&mm7->sender, reader->text);
    if (reader->recipients != 0 && (address || strcmp(name, "To") == 0 || reader->depth == reader->recipients))
        mm7_take_recipient(reader);
    if (reader->depth == reader->sender) reader->sender = 0;
    if (reader->depth == reader->recipients) reader->recipients = 0;
    reader->shown_only = false;
    assert(reader->depth > 0);
    reader->depth--;
    g_string_truncate(reader->text, 0);
}

bool mm7_read(struct mm7 *mm7, const char *bytes, size_t length, char *why, size_t why_size)
{
    *mm7 = (struct mm7){.recipients = g_ptr_array_new_with_free_func(g_free)};
    struct mm7_reader reader = {.mm7 = mm7, .text = g_string_new(NULL)};
    struct xml_calls calls = {&reader, mm7_on_begin, mm7_on_end, mm7_on_text};
    bool good = xml_read(bytes, length, &calls, &mm7->mended, why, why_size);
    g_string_free(reader.text, TRUE);
    if (good && mm7->kind == MM7_NONE) return why_set(why, why_size, "it has no request in its body");
    return good;
}

void mm7_free(struct mm7 *mm7)
{
    g_free(mm7->request), g_free(mm7->transaction), g_free(mm7->space), g_free(mm7->version);
    g_free(mm7->sender), g_free(mm7->subject), g_free(mm7->linked);
    if (mm7->recipients) g_ptr_array_free(mm7->recipients, TRUE);
    *mm7 = (struct mm7){0};
}

/* ---- the answer ---- */

static void mm7_put(GString *to, const char *name, const char *value)
{
    g_string_append_printf(to, "<mm7:%s>", name);
    xml_put(to, value);
    g_string_append_printf(to, "</mm7:%s>", name);
}

/* Only a request whose name is one of the standard's has a response of its own. */
static bool mm7_has_response(const struct mm7 *mm7)
{
    return mm7->kind == MM7_DELIVER || mm7->kind == MM7_REPORT;
}

void mm7_answer(GString *to, const struct mm7 *mm7, enum mm7_status status, const char *text)
{
    bool response = mm7_has_response(mm7);
    char code[16];
    g_snprintf(code, sizeof code, "%d", (int)status);
    g_string_append(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                        "<env:Envelope xmlns:env=\"" SOAP_SPACE "\" xmlns:mm7=\"");
    xml_put(to, mm7->space ? mm7->space : MM7_SPACE_USUAL);
    g_string_append(to, "\"><env:Header>");
    if (mm7->transaction) {
        g_string_append(to, "<mm7:TransactionID env:mustUnderstand=\"1\">");
        xml_put(to, mm7->transaction);
        g_string_append(to, "</mm7:TransactionID>");
    }
    g_string_append(to, "</env:Header><env:Body>");
    char *name =
        response ? g_strdup_printf("%.*sRsp", (int)strlen(mm7->request) - 3, mm7->request) : g_strdup("VASPErrorRsp");
    if (!response) {
        g_string_append_printf(to, "<env:Fault><faultcode>env:%s</faultcode><faultstring>",
                               status < MM7_SERVER_ERROR || status >= MM7_UNSUPPORTED ? "Client" : "Server");
        xml_put(to, text);
        g_string_append(to, "</faultstring><detail>");
    }
    g_string_append_printf(to, "<mm7:%s>", name);
    mm7_put(to, "MM7Version", mm7->version ? mm7->version : MM7_VERSION);
    g_string_append(to, "<mm7:Status>");
    mm7_put(to, "StatusCode", code);
    mm7_put(to, "StatusText", text);
    g_string_append_printf(to, "</mm7:Status></mm7:%s>%s</env:Body></env:Envelope>\n", name,
                           response ? "" : "</detail></env:Fault>");
    g_free(name);
}
