/* tests/unit/im_stanza.c - Streams of XMPP: what is read, whatever the pieces; what is refused; what is written. */
#include <criterion/criterion.h>
#include <glib.h>
#include <string.h>

#include "runtime/adapters/im/component.h"
#include "runtime/adapters/im/content.h"
#include "runtime/adapters/im/stanza.h"

#define BEGIN                                                                                                          \
    "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "                                             \
    "xmlns:stream='http://etherx.jabber.org/streams' id='42'>"

struct seen {
    GString *log;
    unsigned stanzas;
};

static const char *note_opened(void *self, const struct xml_node *stream)
{
    const char *id = stanza_stream_id(stream);
    if (!id) return "it is no stream of XMPP";
    g_string_append_printf(((struct seen *)self)->log, "opened %s;", id);
    return NULL;
}

static void note_stanza(void *self, const struct xml_node *stanza)
{
    struct seen *seen = self;
    const char *from = xml_attribute(stanza, "from");
    seen->stanzas++;
    cr_expect(!stanza->skipped || (!stanza->first && stanza->length == 0));
    g_string_append_printf(seen->log, "%s %s %s;", stanza->name, from ? from : "-",
                           stanza->skipped ? stanza->skipped
                                           : xml_child_text(stanza, "body", "jabber:component:accept"));
}

static void note_closed(void *self)
{
    g_string_append(((struct seen *)self)->log, "closed;");
}

/* What a stream becomes that comes in pieces of that size; or `refused: WHY` at its end. */
static char *seen_of(const char *text, size_t length, size_t piece)
{
    const char *wrong;
    struct seen seen = {g_string_new(NULL), 0};
    struct xml_calls calls = {&seen, note_opened, note_stanza, note_closed};
    struct xml_stream *reader = xml_stream_new(&stanza_bounds, &calls);
    for (size_t at = 0; at < length; at += piece)
        if ((wrong = xml_stream_feed(reader, text + at, MIN(piece, length - at)))) {
            g_string_append_printf(seen.log, "refused: %s", wrong);
            break;
        }
    xml_stream_free(reader);
    return g_string_free(seen.log, FALSE);
}

static void sees(const char *text, const char *wanted)
{
    for (size_t piece = strlen(text) < 4096 ? 1 : 512; piece <= 4096; piece *= 8) {
        char *seen = seen_of(text, strlen(text), piece);
        cr_expect(strstr(seen, wanted) == seen, "pieces of %zu: %s", piece, seen);
        g_free(seen);
    }
}

Test(im_stanza, a_stream_is_read_stanza_by_stanza, .timeout = 10)
{
    sees(BEGIN
         "<message from='ann@x/1'><body>a &lt; b &amp;&#32;c</body><x xmlns='y'><body>no</body></x></message>\n \n"
         "<presence/></stream:stream>",
         "opened 42;message ann@x/1 a < b & c;presence - ;closed;");
}

Test(im_stanza, a_child_is_found_by_its_name_space, .timeout = 10)
{
    sees(BEGIN "<message><body xmlns='elsewhere'>no</body><body>yes</body></message>", "opened 42;message - yes;");
}

Test(im_stanza, entities_and_what_a_stream_may_not_have_are_refused, .timeout = 10)
{
    sees("<!DOCTYPE x [<!ENTITY a 'b'>]><stream:stream xmlns:stream='http://etherx.jabber.org/streams'/>",
         "refused: it has a document type");
    sees("<!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>", "refused: it has a document type");
    sees(BEGIN "<message><body>&a;</body></message>", "opened 42;refused: ");
    sees(BEGIN "<!-- x -->", "opened 42;refused: it has a comment");
    sees(BEGIN "<?x y?>", "opened 42;refused: it has a processing instruction");
    sees(BEGIN "words", "opened 42;refused: there is text between stanzas");
    sees("<html/>", "refused: it is no stream of XMPP");
    sees(BEGIN "<message><body>\xc3</body></message>", "opened 42;refused: ");
    sees(BEGIN "<message><body></message>", "opened 42;refused: ");
}

Test(im_stanza, depth_elements_and_bytes_have_bounds, .timeout = 10)
{
    GString *deep = g_string_new(BEGIN), *many = g_string_new(BEGIN "<m>"), *shorts = g_string_new(BEGIN);
    for (unsigned i = 0; i < STANZA_DEPTH; i++) g_string_append(deep, "<m>");
    for (unsigned i = 0; i < STANZA_DEPTH; i++) g_string_append(deep, "</m>");
    sees(deep->str, "opened 42;m - ;");
    g_string_insert(deep, (gssize)strlen(BEGIN), "<m>words");
    g_string_append(deep, "</m><n/>");
    sees(deep->str, "opened 42;m - its elements nest too deep;n - ;");
    for (unsigned i = 0; i < STANZA_ELEMENTS; i++) g_string_append(many, "<n/>");
    g_string_append(many, "words</m><n/>");
    sees(many->str, "opened 42;m - it has too many elements;n - ;");
    char *filling = g_strnfill(STANZA_BYTES + 4096, 'x'), *too_long = g_strnfill(STANZA_MOST, 'x');
    g_string_printf(many, BEGIN "<m from='ann'><n/>%s</m><n/><m a='%s' from='bob'/><n>&lt;</n>", filling, filling);
    sees(many->str, "opened 42;m ann it is too long;n - ;m bob it is too long;n - ;");
    g_string_printf(many, BEGIN "<m a='%s'/>", too_long);
    sees(many->str, "opened 42;refused: a stanza is too long");
    g_string_printf(many, "<m a='%s'/>", filling);
    sees(many->str, "refused: a stanza is too long");
    g_free(filling), g_free(too_long);
    for (unsigned i = 0; i < STANZA_BYTES / 4; i++) g_string_append(shorts, i % 2 ? " \n \n" : "<m/>");
    sees(shorts->str, "opened 42;m - ;m - ;");
    char *seen = seen_of(shorts->str, shorts->len, 4096);
    cr_expect_null(strstr(seen, "refused"), "many short ones are a long stream, and good");
    g_free(seen);
    g_string_free(deep, TRUE), g_string_free(many, TRUE), g_string_free(shorts, TRUE);
}

Test(im_stanza, a_text_is_written_so_that_it_is_read_back, .timeout = 10)
{
    GString *to = g_string_new(NULL);
    stanza_put_text(to, "<a href=\"x\">'&'</a>\r\n");
    cr_expect_str_eq(to->str, "&lt;a href=&quot;x&quot;&gt;&apos;&amp;&apos;&lt;/a&gt;&#13;\n");
    g_string_truncate(to, 0);
    stanza_put_text(to, "\x01\x1b|\xef\xbf\xbf|\xf0\x9f\x98\x80\t");
    cr_expect_str_eq(to->str, "\xef\xbf\xbd\xef\xbf\xbd|\xef\xbf\xbd|\xf0\x9f\x98\x80\t");
    g_string_truncate(to, 0);
    stanza_put_attribute(to, "a", "x' onclick='\n");
    cr_expect_str_eq(to->str, " a=\"x&apos; onclick=&apos;&#10;\"");
    g_string_free(to, TRUE);
}

/* The example of XEP-0114, 3. */
Test(im_stanza, the_handshake_is_the_hash_of_both, .timeout = 10)
{
    char *digest = component_handshake("3BF96D32", "test");
    char *wanted = g_compute_checksum_for_string(G_CHECKSUM_SHA1, "3BF96D32test", -1);
    cr_expect_str_eq(digest, wanted);
    cr_expect_eq(strlen(digest), 40);
    g_free(digest), g_free(wanted);
}

/* ---- what a message consists of ---- */

static void note_content(void *self, const struct xml_node *stanza)
{
    struct stanza_content content;
    stanza_content(stanza, &content);
    const struct said_content *said = &content.said;
    g_string_append_printf(((struct seen *)self)->log, "%d of %s '%s' at %s %s: %s, %s;", said->kind,
                           said->of ? said->of : "-", content.text, said->latitude ? said->latitude : "-",
                           said->longitude ? said->longitude : "-", said->name ? said->name : "-",
                           said->address ? said->address : "-");
    stanza_content_clear(&content);
}

/* `within`: a message's elements. `wanted`: its kind, and its texts. */
static void consists_of(const char *within, enum message_kind kind, const char *wanted)
{
    struct seen seen = {g_string_new(NULL), 0};
    struct xml_calls calls = {&seen, note_opened, note_content, note_closed};
    struct xml_stream *reader = xml_stream_new(&stanza_bounds, &calls);
    char *stream = g_strconcat(BEGIN "<message>", within, "</message>", NULL),
         *all = g_strdup_printf("opened 42;%d of %s;", kind, wanted);
    cr_expect_null(xml_stream_feed(reader, stream, strlen(stream)));
    cr_expect_str_eq(seen.log->str, all, "%s", within);
    xml_stream_free(reader);
    g_free(stream), g_free(all);
    g_string_free(seen.log, TRUE);
}

#define SIGNS(within) "<reactions xmlns='urn:xmpp:reactions:0' id='a'>" within "</reactions>"

Test(im_stanza, words_for_older_programs_are_not_said, .timeout = 10)
{
    const char *const retractions[] = {
        "<body>I took it back.</body><retract xmlns='urn:xmpp:message-retract:1' id='a'/>",
        ("<body>I took it back.</body><apply-to xmlns='urn:xmpp:fasten:0' id='a'>"
         "<retract xmlns='urn:xmpp:message-retract:0'/></apply-to>"),
        "<apply-to xmlns='urn:xmpp:fasten:0' id='a'><retract xmlns='urn:xmpp:message-retract:1'/></apply-to>",
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(retractions); i++)
        consists_of(retractions[i], message_kind_deletion, "a '' at - -: -, -");
    consists_of("<body>&gt; hello</body>" SIGNS("<reaction> y </reaction><x/><reaction xmlns='z'>no</reaction>"
                                                "<reaction> </reaction><reaction>n</reaction>"),
                message_kind_reaction, "a 'y n' at - -: -, -");
    consists_of(SIGNS("<reaction>12345678901234567890123456789012345678901234567890123456789012345</reaction>"
                      "<reaction>1234567890123456789012345678901234567890123456789012345678901234</reaction>"),
                message_kind_reaction,
                "a '1234567890123456789012345678901234567890123456789012345678901234' at - -: -, -");
    consists_of(SIGNS("<reaction>1</reaction><reaction>2</reaction><reaction>3</reaction><reaction>4</reaction>"
                      "<reaction>5</reaction><reaction>6</reaction><reaction>7</reaction><reaction>8</reaction>"
                      "<reaction>9</reaction><reaction>10</reaction><reaction>11</reaction>"),
                message_kind_reaction, "a '1 2 3 4 5 6 7 8 9 10' at - -: -, -");
    consists_of(SIGNS(""), message_kind_reaction, "a '' at - -: -, -");
    /* of a message without a name: nothing is said */
    consists_of("<body>x</body><retract xmlns='urn:xmpp:message-retract:1'/>", message_kind_other, "- '' at - -: -, -");
    consists_of("<body>x</body><reactions xmlns='urn:xmpp:reactions:0' id=''><reaction>y</reaction></reactions>",
                message_kind_other, "- '' at - -: -, -");
    consists_of("<body>x</body><apply-to xmlns='urn:xmpp:fasten:0' id='a'><other/></apply-to>", message_kind_other,
                "- 'x' at - -: -, -");
}

Test(im_stanza, another_text_has_the_message_that_it_is_about, .timeout = 10)
{
    consists_of("<body> b </body><replace xmlns='urn:xmpp:message-correct:0' id='a'/>", message_kind_edit,
                "a 'b' at - -: -, -");
    consists_of("<body>b</body><replace xmlns='urn:xmpp:message-correct:0'/>", message_kind_other,
                "- 'b' at - -: -, -");
    consists_of("<body> </body><replace xmlns='urn:xmpp:message-correct:0' id='a'/>", message_kind_other,
                "- '' at - -: -, -");
    char *id = g_strnfill(STANZA_ID, 'i'),
         *within = g_strdup_printf("<body>b</body><replace xmlns='urn:xmpp:message-correct:0' id='%s'/>", id);
    consists_of(within, message_kind_other, "- 'b' at - -: -, -");
    g_free(id), g_free(within);
}

Test(im_stanza, places_and_files_are_read_and_nothing_is_made_up, .timeout = 10)
{
    consists_of("<body>geo:52.5,-13</body>", message_kind_place, "- 'geo:52.5,-13' at 52.5 -13: -, -");
    consists_of("<body>GEO:1,2,3;u=9?z=1</body>", message_kind_place, "- 'GEO:1,2,3;u=9?z=1' at 1 2: -, -");
    const char *const none[] = {"geo:", "geo:1", "geo:1,", "geo:.5,1", "geo:1,2x", "geo:-,2", "geo:1,2 is it"};
    for (unsigned i = 0; i < G_N_ELEMENTS(none); i++) {
        char *within = g_strdup_printf("<body>%s</body>", none[i]),
             *wanted = g_strdup_printf("- '%s' at - -: -, -", none[i]);
        consists_of(within, message_kind_other, wanted);
        g_free(within), g_free(wanted);
    }
    consists_of("<body>I am here</body><geoloc xmlns='http://jabber.org/protocol/geoloc'><lat> 1.5</lat><lon>2</lon>"
                "<street>Way 1</street><locality>Ulm</locality><country>DE</country></geoloc>",
                message_kind_place, "- 'I am here' at 1.5 2: I am here, Way 1, Ulm, DE");
    consists_of("<geoloc xmlns='http://jabber.org/protocol/geoloc'><text>t</text><building>b</building>"
                "<postalcode>8</postalcode><locality>Ulm</locality></geoloc><body>geo:1,2</body>",
                message_kind_place, "- 'geo:1,2' at 1 2: b, 8 Ulm");
#define GEOLOC(within) "<geoloc xmlns='http://jabber.org/protocol/geoloc'>" within "</geoloc>"
    consists_of("<body>Gas smell, please come</body>" GEOLOC("<description>Mill</description><lat>1</lat><lon>2</lon>"),
                message_kind_other, "- 'Gas smell, please come\nMill geo:1,2' at 1 2: Mill, ");
    consists_of("<body>Mill</body>" GEOLOC("<description>Mill</description><street>Way 1</street>"), message_kind_place,
                "- 'Mill' at  : Mill, Way 1");
    consists_of("<body>One\nTwo</body>" GEOLOC("<street>Way 1</street>"), message_kind_other,
                "- 'One\nTwo\nWay 1' at  : , Way 1");
    /* a place that is no longer true */
    consists_of(GEOLOC(""), message_kind_other, "- '' at - -: -, -");
    consists_of(GEOLOC("<description>Mill</description><lat>1</lat>"), message_kind_other, "- '' at - -: -, -");
    consists_of("<body>x</body>" GEOLOC("<lon>1</lon>"), message_kind_other, "- 'x' at - -: -, -");
    consists_of("<body>see</body><x xmlns='jabber:x:oob'><url>https://x/a b</url></x>", message_kind_other,
                "- 'see' at - -: -, -");
    consists_of("<body>see</body><x xmlns='jabber:x:oob'><url>javascript:a</url></x>", message_kind_other,
                "- 'see' at - -: -, -");
    consists_of("<body>see</body><x xmlns='jabber:x:oob'><url>HTTP://x/a</url></x>", message_kind_other,
                "- 'see\nHTTP://x/a' at - -: -, -");
    consists_of("<body>https://x/a</body><x xmlns='jabber:x:oob'><url>https://x/a</url></x>", message_kind_other,
                "- 'https://x/a' at - -: -, -");
    consists_of("<x xmlns='jabber:x:oob'><url>https://x/a</url></x>", message_kind_other,
                "- 'https://x/a' at - -: -, -");
}
