/* runtime/adapters/mms/mm7.c - Reads an envelope of MM7 and writes the answer.
 *
 *     <env:Envelope>
 *       <env:Header> <mm7:TransactionID> 17           goes back in the answer
 *       <env:Body>
 *         <mm7:DeliverReq>                            the first element in Body: the request
 *           <Sender> <Number> +4930...
 *           <Recipients> <To> <Number> +4989...
 *           <Subject>
 *
 *     answer  DeliverRsp with a status; VASPErrorRsp in a SOAP fault where no request was known
 *
 * 3GPP TS 23.140. Names are compared without their namespaces, as providers use different versions; the answer uses
 * the namespace of the request. The first value of each kind is used. */
#include "runtime/adapters/mms/mm7.h"

#include <string.h>

#include "runtime/adapters/mms/mended.h"
#include "runtime/mail/text.h"
#include "base/why.h"

enum { MM7_TEXT = 4096 /* most bytes of an element's text that are read */, MM7_SPACE = 200 };
#define MM7_VERSION     "6.8.0"
#define MM7_SPACE_USUAL "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4"
#define SOAP_SPACE      "http://schemas.xmlsoap.org/soap/envelope/"

/* Takes a text as one line, if it is not empty and there is none yet. */
static void mm7_take(char **to, const char *text, size_t max)
{
    char *line = *to ? NULL : text_line(text, max);
    if (line && *line)
        *to = line;
    else
        g_free(line);
}

static bool mm7_is_address(const char *name)
{
    return strcmp(name, "Number") == 0 || strcmp(name, "ShortCode") == 0 || strcmp(name, "RFC2822Address") == 0;
}

static void mm7_take_space(struct mm7 *mm7, const struct xml_node *node)
{
    for (const char *const *at = node->attributes; *at; at += 2) {
        const char *value = at[1];
        if (!g_str_has_prefix(at[0], "xmlns") || !strstr(value, "MM7") || strlen(value) > MM7_SPACE) continue;
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

/* Takes an address, but not one that is too long, as its beginning may be another person's. */
static void mm7_take_address(char **to, const char *text)
{
    if (strlen(text) <= MMS_ADDRESS_MAX) mm7_take(to, text, MMS_ADDRESS_MAX);
}

/* Adds a recipient, unless it is marked as for display only: such a recipient does not get the message. */
static void mm7_take_recipient(struct mm7 *mm7, const struct xml_node *node)
{
    char *address = NULL;
    const char *shown = mended_attribute(node, "displayOnly");
    bool shown_only = shown && (g_ascii_strcasecmp(shown, "true") == 0 || strcmp(shown, "1") == 0);
    if (mm7->recipients->len < MMS_RECIPIENTS_MAX && !shown_only) mm7_take_address(&address, node->text);
    if (address) g_ptr_array_add(mm7->recipients, address);
}

/* Says in which elements the node lies. */
struct mm7_within {
    bool body, sender, recipients;
};

/* Goes through the envelope: for the request from the top down, for values from the bottom up, as of two nested
 * addresses the inner one counts. */
static void mm7_walk(struct mm7 *mm7, const struct xml_node *node, struct mm7_within within)
{
    const char *name = node->name, *text = node->text;
    bool sender = strcmp(name, "Sender") == 0, address = mm7_is_address(name);
    bool recipients = strcmp(name, "Recipients") == 0 || strcmp(name, "Recipient") == 0;
    bool request = within.body && !mm7->request && strcmp(node->above->name, "Body") == 0;
    struct mm7_within beneath = {within.body || strcmp(name, "Body") == 0, within.sender || sender,
                                 within.recipients || recipients};
    mm7_take_space(mm7, node);
    if (request) {
        mm7->request = text_line(name, MMS_NAME_MAX);
        mm7->kind = mm7_kind_of(name);
    }
    for (const struct xml_node *child = node->first; child; child = child->next) mm7_walk(mm7, child, beneath);
    if (strcmp(name, "TransactionID") == 0) mm7_take(&mm7->transaction, text, MM7_TEXT);
    if (strcmp(name, "MM7Version") == 0) mm7_take(&mm7->version, text, MMS_NAME_MAX);
    if (strcmp(name, "Subject") == 0) mm7_take(&mm7->subject, text, MMS_SUBJECT_MAX);
    if (strcmp(name, "LinkedID") == 0) mm7_take(&mm7->linked, text, MM7_TEXT);
    /* Some providers write the number of the sender or recipient without an element around it. */
    if (beneath.sender && (address || (sender && !within.sender))) mm7_take_address(&mm7->sender, text);
    if (beneath.recipients && (address || strcmp(name, "To") == 0 || (recipients && !within.recipients)))
        mm7_take_recipient(mm7, node);
}

bool mm7_read(struct mm7 *mm7, const char *bytes, size_t length, char *why, size_t why_size)
{
    *mm7 = (struct mm7){.recipients = g_ptr_array_new_with_free_func(g_free)};
    struct xml_node *tree = mended_read(bytes, length, &mm7->mended, why, why_size);
    if (!tree) return false;
    mm7_walk(mm7, tree, (struct mm7_within){0});
    xml_free(tree);
    return mm7->kind != MM7_NONE || why_set(why, why_size, "it has no request in its body");
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
    mended_put(to, value);
    g_string_append_printf(to, "</mm7:%s>", name);
}

/* Has the request a response of its own? Only the kinds of requests for which the standard names a response have
 * one. */
static bool mm7_has_response(const struct mm7 *mm7)
{
    return mm7->kind == MM7_DELIVER || mm7->kind == MM7_REPORT;
}

/* Writes the answer; all that came from the provider is written through mended_put(), which escapes it. */
void mm7_answer(GString *to, const struct mm7 *mm7, enum mm7_status status, const char *text)
{
    bool response = mm7_has_response(mm7);
    char code[16];
    g_snprintf(code, sizeof code, "%d", (int)status);
    g_string_append(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                        "<env:Envelope xmlns:env=\"" SOAP_SPACE "\" xmlns:mm7=\"");
    mended_put(to, mm7->space ? mm7->space : MM7_SPACE_USUAL);
    g_string_append(to, "\"><env:Header>");
    if (mm7->transaction) {
        g_string_append(to, "<mm7:TransactionID env:mustUnderstand=\"1\">");
        mended_put(to, mm7->transaction);
        g_string_append(to, "</mm7:TransactionID>");
    }
    g_string_append(to, "</env:Header><env:Body>");
    char *name =
        response ? g_strdup_printf("%.*sRsp", (int)strlen(mm7->request) - 3, mm7->request) : g_strdup("VASPErrorRsp");
    if (!response) {
        g_string_append_printf(to, "<env:Fault><faultcode>env:%s</faultcode><faultstring>",
                               status < MM7_SERVER_ERROR || status >= MM7_UNSUPPORTED ? "Client" : "Server");
        mended_put(to, text);
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
