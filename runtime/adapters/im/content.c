/* runtime/adapters/im/content.c - Reads what a message of XMPP consists of. */
#include "runtime/adapters/im/content.h"

#include <glib.h>
#include <string.h>

#define EDIT_SPACE      "urn:xmpp:message-correct:0"
#define REACTIONS_SPACE "urn:xmpp:reactions:0"
#define RETRACT_SPACE   "urn:xmpp:message-retract:1"
#define RETRACT_EARLIER "urn:xmpp:message-retract:0"
#define FASTEN_SPACE    "urn:xmpp:fasten:0"
#define PLACE_SPACE     "http://jabber.org/protocol/geoloc"
#define FILE_SPACE      "jabber:x:oob"

enum { SIGNS_MAX = 10, SIGN_BYTES = 64, PLACE_NAME = 200 };

const char *stanza_id(const struct xml_node *element)
{
    const char *id = element ? xml_attribute(element, "id") : NULL;
    return id && *id && strlen(id) < STANZA_ID ? id : NULL;
}

/* ---- about another message ---- */

/* Returns the element that takes a message back and names it; NULL: none does. Earlier clients put it into an element
 * that has the name. */
static const struct xml_node *retraction_of(const struct xml_node *stanza)
{
    const struct xml_node *fastened = xml_child(stanza, "apply-to", FASTEN_SPACE);
    if (fastened && (xml_child(fastened, "retract", RETRACT_EARLIER) || xml_child(fastened, "retract", RETRACT_SPACE)))
        return fastened;
    return xml_child(stanza, "retract", RETRACT_SPACE);
}

/* Returns the signs, with a blank between two. */
static char *signs_of(const struct xml_node *reactions)
{
    GString *signs = g_string_new(NULL);
    unsigned count = 0;
    for (const struct xml_node *one = reactions->first; one && count < SIGNS_MAX; one = one->next) {
        if (strcmp(one->name, "reaction") != 0 || strcmp(one->space, REACTIONS_SPACE) != 0) continue;
        char *sign = g_strstrip(g_strdup(one->text));
        if (*sign && strlen(sign) <= SIGN_BYTES) {
            g_string_append_printf(signs, "%s%s", count > 0 ? " " : "", sign);
            count++;
        }
        g_free(sign);
    }
    return g_string_free(signs, FALSE);
}

/* Reads a message about another one. False: it is about none. Where the other one has no name, nothing is said. */
static bool reads_about(const struct xml_node *stanza, struct stanza_content *content)
{
    const struct xml_node *retraction = retraction_of(stanza);
    const struct xml_node *reactions = xml_child(stanza, "reactions", REACTIONS_SPACE);
    if (!retraction && !reactions) return false;
    content->said.of = stanza_id(retraction ? retraction : reactions);
    content->text = !retraction && content->said.of ? signs_of(reactions) : g_strdup("");
    if (content->said.of) content->said.kind = retraction ? message_kind_deletion : message_kind_reaction;
    return true;
}

/* ---- places ---- */

/* Returns the decimal number at the beginning of a text, and sets its end; NULL: there is none. */
static char *number_at(const char *text, const char **end)
{
    const char *digits = text + (*text == '-');
    *end = digits + strspn(digits, "0123456789");
    if (*end == digits) return NULL;
    if (**end == '.') *end += 1 + strspn(*end + 1, "0123456789");
    return g_strndup(text, (size_t)(*end - text));
}

/* Reads an address such as geo:52.52,13.40 (RFC 5870). */
static bool reads_geo(const char *text, struct stanza_content *content)
{
    const char *end;
    if (g_ascii_strncasecmp(text, "geo:", 4) != 0 || strpbrk(text, " \n\r\t")) return false;
    char *latitude = number_at(text + 4, &end), *longitude = NULL;
    if (latitude && *end == ',') longitude = number_at(end + 1, &end);
    if (!longitude || (*end && !strchr(",;?", *end))) {
        g_free(latitude), g_free(longitude);
        return false;
    }
    content->latitude = latitude, content->longitude = longitude;
    return true;
}

static void address_add(GString *address, const char *between, const struct xml_node *place, const char *name)
{
    const char *text = xml_child_text(place, name, PLACE_SPACE);
    if (*text) g_string_append_printf(address, "%s%s", address->len > 0 ? between : "", text);
}

static const char *place_name(const struct xml_node *place)
{
    static const char *const names[] = {"description", "building", "text"};
    const char *name = "";
    for (unsigned i = 0; i < G_N_ELEMENTS(names) && !*name; i++) name = xml_child_text(place, names[i], PLACE_SPACE);
    return name;
}

/* Reads the element of a place. False: it says neither where the place is nor its address, as one that is no longer
 * true. */
static bool reads_geoloc(const struct xml_node *place, struct stanza_content *content)
{
    GString *address = g_string_new(NULL);
    address_add(address, ", ", place, "street");
    address_add(address, ", ", place, "postalcode");
    address_add(address, *xml_child_text(place, "postalcode", PLACE_SPACE) ? " " : ", ", place, "locality");
    address_add(address, ", ", place, "country");
    content->address = g_string_free(address, FALSE);
    content->said.name = place_name(place);
    if (content->latitude) return true; /* the body has both already */
    content->latitude = g_strstrip(g_strdup(xml_child_text(place, "lat", PLACE_SPACE)));
    content->longitude = g_strstrip(g_strdup(xml_child_text(place, "lon", PLACE_SPACE)));
    return *content->address || (*content->latitude && *content->longitude);
}

/* Reads a place. Words beside it are the customer's: as one line they are the name of a place that has none, and else
 * the message is these words, with the place behind them. */
static void reads_place(const struct xml_node *stanza, struct stanza_content *content)
{
    const struct xml_node *place = xml_child(stanza, "geoloc", PLACE_SPACE);
    bool geo = reads_geo(content->text, content), there = place && reads_geoloc(place, content);
    if (!there && !geo) {
        content->said.name = NULL;
        return;
    }
    const char *name = content->said.name ? content->said.name : "", *words = geo ? "" : content->text;
    content->said.latitude = content->latitude, content->said.longitude = content->longitude;
    content->said.address = content->address;
    if (!*words || strcmp(words, name) == 0 || (!*name && strlen(words) <= PLACE_NAME && !strchr(words, '\n'))) {
        content->said.kind = message_kind_place;
        content->said.name = *words ? words : *name ? name : NULL;
        return;
    }
    bool found = *content->latitude && *content->longitude;
    char *both = g_strdup_printf("%s\n%s%s%s%s%s%s%s", words, name, *name && *content->address ? ", " : "",
                                 content->address, found ? " geo:" : "", found ? content->latitude : "",
                                 found ? "," : "", found ? content->longitude : "");
    g_free(content->text);
    content->text = both, content->said.text = both;
}

/* ---- a message ---- */

/* Returns the address of the file that the stanza names. "": it names none, or one whose address a browser cannot
 * open. */
static const char *file_of(const struct xml_node *stanza)
{
    const struct xml_node *file = xml_child(stanza, "x", FILE_SPACE);
    const char *url = file ? xml_child_text(file, "url", FILE_SPACE) : "";
    bool web = g_ascii_strncasecmp(url, "https://", 8) == 0 || g_ascii_strncasecmp(url, "http://", 7) == 0;
    return web && !strpbrk(url, " \n\r\t") ? url : "";
}

/* Returns the body. A file's address stands in it, too, since most clients write it there. */
static char *stanza_words(const struct xml_node *stanza)
{
    const char *file = file_of(stanza);
    char *body = g_strstrip(g_strdup(xml_child_text(stanza, "body", NULL)));
    if (!*file || strstr(body, file)) return body;
    char *both = g_strconcat(body, *body ? "\n" : "", file, NULL);
    g_free(body);
    return both;
}

void stanza_content(const struct xml_node *stanza, struct stanza_content *content)
{
    *content = (struct stanza_content){.said = {.kind = message_kind_other}};
    if (reads_about(stanza, content)) {
        content->said.text = content->text;
        return;
    }
    const char *of = stanza_id(xml_child(stanza, "replace", EDIT_SPACE));
    content->text = stanza_words(stanza);
    content->said.text = content->text;
    if (of && *content->text) {
        content->said.kind = message_kind_edit;
        content->said.of = of;
    } else {
        reads_place(stanza, content);
    }
}

void stanza_content_clear(struct stanza_content *content)
{
    g_free(content->text), g_free(content->address);
    g_free(content->latitude), g_free(content->longitude);
    *content = (struct stanza_content){.said = {.kind = message_kind_other}};
}
