/* tests/unit/mms_xml.c - XML of providers and handsets: what is mended, what is refused; the envelope of MM7 and its
 * answer; presentations. */
#include <criterion/criterion.h>
#include <glib.h>
#include <string.h>

#include "runtime/adapters/mms/mm7.h"
#include "runtime/adapters/mms/smil.h"
#include "runtime/adapters/mms/mended.h"

#define SPACE "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-2"

/* An element as <name=a>text children/; one with attribute a only. */
static void element_seen(GString *seen, const struct xml_node *node)
{
    const char *a = mended_attribute(node, "a");
    g_string_append_printf(seen, "<%s%s%s>%s", node->name, a ? "=" : "", a ? a : "", node->text);
    for (const struct xml_node *child = node->first; child; child = child->next) element_seen(seen, child);
    g_string_append(seen, "/");
}

static void sees_bytes(const char *bytes, size_t length, const char *wanted, bool wants_mended)
{
    char why[100] = "";
    bool mended = false;
    GString *seen = g_string_new(NULL);
    struct xml_node *tree = mended_read(bytes, length, &mended, why, sizeof why);
    if (tree)
        element_seen(seen, tree);
    else
        g_string_append_printf(seen, "refused: %s", why);
    xml_free(tree);
    cr_expect_str_eq(seen->str, wanted);
    cr_expect(mended == wants_mended, "%s", bytes);
    g_string_free(seen, TRUE);
}

static void sees(const char *text, const char *wanted, bool mended)
{
    sees_bytes(text, strlen(text), wanted, mended);
}

Test(mms_xml, a_document_is_read_without_prefixes)
{
    sees("<?xml version='1.0'?><e:x xmlns:e='u'><b e:a='1'>t &amp; u</b></e:x>", "<x><b=1>t & u//", false);
    sees("<x><![CDATA[a & b < c]]></x>", "<x>a & b < c/", false);
}

Test(mms_xml, what_providers_get_wrong_is_mended)
{
    sees("<soap::Header><not:declared/></soap::Header>", "<Header><declared>//", false);
    sees("\r\n<?xml version='1.0'?><x>A & B, R&D &nbsp; &#38; &#; &#xzz;</x>", "<x>A & B, R&D &nbsp; & &#; &#xzz;/",
         true);
    sees("<?xml version='1.0' encoding='utf-16'?><x>\xc3\xa9</x>", "<x>\xc3\xa9/", false);
    sees("<x>caf\xe9</x>", "<x>caf\xc3\xa9/", true); /* no UTF-8: Windows-1252 */
    sees_bytes("\xff\xfe<\0x\0/\0>\0", 10, "<x>/", true);
}

Test(mms_xml, references_that_xml_does_not_allow_are_characters)
{
    sees("<x>party &#55357;&#56832;&#xD83D;&#xDE00;</x>", "<x>party \xf0\x9f\x98\x80\xf0\x9f\x98\x80/", true);
    sees("<x a='&#55357;&#56832;'/>", "<x=\xf0\x9f\x98\x80>/", true);
    sees("<x>&#55357;&#65;&#56832;|&#55357;</x>",
         "<x>\xef\xbf\xbd"
         "A\xef\xbf\xbd|\xef\xbf\xbd/",
         true); /* halves */
    sees("<x>&#0;&#x1;&#xFFFF;&#9999999;</x>", "<x>\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd/", true);
    sees("<x>&#9;&#128512;&#xFFFD;</x>", "<x>\t\xf0\x9f\x98\x80\xef\xbf\xbd/", false);
    sees("<x>I <3 you, a << b <</x>", "<x>I <3 you, a << b </", true);
}

Test(mms_xml, entities_and_what_has_no_end_are_refused)
{
    sees("<!DOCTYPE x SYSTEM 'http://x.example/x.dtd'><x/>", "<x>/", false);
    sees("<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "refused: it has a document type", true);
    sees("<x>&a;</x>", "<x>&a;/", true);
    sees("<x><y></x>", "refused: mismatched tag", false);
    sees("", "refused: no element found", false);
}

Test(mms_xml, depth_length_and_number_are_bounded)
{
    GString *deep = g_string_new(NULL), *many = g_string_new("<x>");
    char why[100];
    bool mended;
    for (int i = 0; i < 100000; i++) g_string_append(deep, "<x>");
    cr_expect_null(mended_read(deep->str, deep->len, &mended, why, sizeof why));
    cr_expect_str_eq(why, "its elements nest too deep");
    for (int i = 0; i <= MMS_XML_ELEMENTS_MAX; i++) g_string_append(many, "<y/>");
    g_string_append(many, "</x>");
    cr_expect_null(mended_read(many->str, many->len, &mended, why, sizeof why));
    cr_expect_str_eq(why, "it has too many elements");
    g_string_set_size(many, MMS_XML_MAX + 1);
    cr_expect_null(mended_read(many->str, many->len, &mended, why, sizeof why));
    cr_expect_str_eq(why, "it is too long");
    g_string_truncate(deep, 0); /* a section that has no end is looked for once */
    while (deep->len < MMS_XML_MAX - 10) g_string_append(deep, "<![CDATA[");
    cr_expect_null(mended_read(deep->str, deep->len, &mended, why, sizeof why));
    g_string_free(deep, TRUE), g_string_free(many, TRUE);
}

/* ---- MM7 ---- */

static struct mm7 envelope(const char *text, const char *refused)
{
    struct mm7 mm7;
    char why[100] = "";
    bool good = mm7_read(&mm7, text, strlen(text), why, sizeof why);
    cr_expect(good == !refused, "%s", why);
    if (refused) cr_expect_str_eq(why, refused);
    return mm7;
}

#define DELIVER(header, body)                                                                                          \
    "<?xml version='1.0'?><env:Envelope xmlns:env='http://schemas.xmlsoap.org/soap/envelope/'><env:Header>" header     \
    "</env:Header><env:Body><DeliverReq xmlns='" SPACE "'>" body "</DeliverReq></env:Body></env:Envelope>"
#define TRANSACTION "<mm7:TransactionID xmlns:mm7='" SPACE "' env:mustUnderstand='1'>t-1</mm7:TransactionID>"

Test(mm7, a_delivery_says_who_and_what)
{
    struct mm7 mm7 = envelope(
        DELIVER(TRANSACTION, "<MM7Version>6.5.0</MM7Version><LinkedID>l-1</LinkedID><Sender><Number>+491701234501"
                             "</Number></Sender><Recipients><To><Number displayOnly='true'>+491701234599</Number>"
                             "<Number>4930123</Number></To></Recipients><Subject>a\n photo</Subject>"
                             "<Content href='cid:generic'/>"),
        NULL);
    cr_expect_eq(mm7.kind, MM7_DELIVER);
    cr_expect_str_eq(mm7.transaction, "t-1");
    cr_expect_str_eq(mm7.version, "6.5.0");
    cr_expect_str_eq(mm7.sender, "+491701234501");
    cr_expect_str_eq(mm7.subject, "a  photo");
    cr_expect_str_eq(mm7.linked, "l-1");
    cr_expect_str_eq(mm7.space, SPACE);
    cr_assert_eq(mm7.recipients->len, 1);
    cr_expect_str_eq(mm7.recipients->pdata[0], "4930123");
    mm7_free(&mm7);
}

Test(mm7, numbers_may_stand_bare)
{
    struct mm7 mm7 =
        envelope(DELIVER("", "<Sender>491701234501</Sender><Recipients><To>4930123</To></Recipients>"), NULL);
    cr_expect_str_eq(mm7.sender, "491701234501");
    cr_assert_eq(mm7.recipients->len, 1);
    cr_expect_str_eq(mm7.recipients->pdata[0], "4930123");
    cr_expect_null(mm7.transaction);
    mm7_free(&mm7);
}

Test(mm7, reports_other_requests_and_none)
{
    struct mm7 mm7 = envelope("<E><Body><DeliveryReportReq/></Body></E>", NULL);
    cr_expect_eq(mm7.kind, MM7_REPORT);
    mm7_free(&mm7);
    mm7 = envelope("<E><Body><SubmitReq/></Body></E>", NULL);
    cr_expect_eq(mm7.kind, MM7_OTHER);
    mm7_free(&mm7);
    mm7 = envelope("<E><Body/></E>", "it has no request in its body");
    mm7_free(&mm7);
    mm7 = envelope("hello", "no element found");
    mm7_free(&mm7);
}

Test(mm7, an_answer_is_read_back)
{
    struct mm7 mm7 = envelope(DELIVER(TRANSACTION, "<MM7Version>6.5.0</MM7Version>"), NULL), back;
    char why[100];
    GString *answer = g_string_new(NULL);
    mm7_answer(answer, &mm7, MM7_SUCCESS, "Success & more");
    cr_expect(strstr(answer->str, "<mm7:StatusCode>1000</mm7:StatusCode>") != NULL, "%s", answer->str);
    cr_expect(strstr(answer->str, "<mm7:DeliverRsp>") != NULL);
    cr_expect(mm7_read(&back, answer->str, answer->len, why, sizeof why), "%s", why);
    cr_expect_str_eq(back.request, "DeliverRsp");
    cr_expect_str_eq(back.transaction, "t-1");
    cr_expect_str_eq(back.version, "6.5.0");
    cr_expect_str_eq(back.space, SPACE);
    cr_expect_not(back.mended);
    mm7_free(&back), mm7_free(&mm7);
    g_string_truncate(answer, 0);
    mm7_answer(answer, &(struct mm7){0}, MM7_CORRUPT, "no");
    cr_expect(strstr(answer->str, "<env:Fault><faultcode>env:Client</faultcode>") != NULL, "%s", answer->str);
    g_string_free(answer, TRUE);
}

/* ---- presentations ---- */

static void presents(const char *smil, const char *wanted)
{
    char why[100] = "";
    bool cut = false;
    GArray *slides = smil_slides();
    GString *seen = g_string_new(NULL);
    if (!smil_read(slides, smil, strlen(smil), &cut, why, sizeof why)) g_string_append_printf(seen, "refused: %s", why);
    for (guint i = 0; i < slides->len && !*why; i++) {
        const struct slide *slide = &g_array_index(slides, struct slide, i);
        g_string_append_printf(seen, "%llu", (unsigned long long)slide->ms);
        for (guint j = 0; j < slide->items->len; j++)
            g_string_append_printf(seen, " %s", (const char *)slide->items->pdata[j]);
        g_string_append_c(seen, ';');
    }
    cr_expect_str_eq(seen->str, wanted);
    g_string_free(seen, TRUE);
    g_array_free(slides, TRUE);
}

Test(smil, slides_in_their_order)
{
    presents("<!DOCTYPE smil PUBLIC '-//W3C//DTD SMIL 1.0//EN' 'http://x.example/smil.dtd'><smil><head><layout>"
             "<region id='Image'/></layout></head><body><par dur='5000ms'><img src='cid:a' region='Image'/>"
             "<text src='t.txt' region='Text'/></par><par dur='2s'><audio src='cid:b'/></par></body></smil>",
             "5000 cid:a t.txt;2000 cid:b;");
    presents("<smil><body><seq><video src='v' dur='00:01:05'/><par><PAR><IMG SRC='p'/></PAR></par></seq></body></smil>",
             "65000 v;0 p;");
}

Test(smil, what_shows_nothing_or_has_no_end)
{
    presents("<smil><body/></smil>", "refused: it shows nothing");
    presents("<smil><body><par><img src='a'/>", "refused: no element found");
    presents("<!DOCTYPE smil [<!ENTITY x 'y'>]><smil><img src='&x;'/></smil>", "refused: it has a document type");
}

Test(smil, clocks)
{
    cr_expect_eq(smil_clock("5s"), 5000);
    cr_expect_eq(smil_clock("1.5"), 1500);
    cr_expect_eq(smil_clock("200ms"), 200);
    cr_expect_eq(smil_clock("2min"), 120000);
    cr_expect_eq(smil_clock("01:00:01.5"), 3601500);
    const char *const none[] = {"", "indefinite", "-1s", "5x", "1:2:3:4", "nan", "1e400", "99999999h", "5s "};
    for (size_t i = 0; i < G_N_ELEMENTS(none); i++) cr_expect_eq(smil_clock(none[i]), 0, "%s", none[i]);
}

Test(smil, a_slide_too_many_is_passed_over)
{
    GString *text = g_string_new("<smil>");
    char why[100];
    bool cut = false;
    GArray *slides = smil_slides();
    for (int i = 0; i < MMS_SLIDES_MAX + 5; i++) g_string_append_printf(text, "<par><img src='%d'/></par>", i);
    g_string_append(text, "</smil>");
    cr_expect(smil_read(slides, text->str, text->len, &cut, why, sizeof why));
    cr_expect(cut);
    cr_expect_eq(slides->len, MMS_SLIDES_MAX);
    cr_expect_eq(g_array_index(slides, struct slide, MMS_SLIDES_MAX - 1).items->len, 1);
    g_array_free(slides, TRUE);
    g_string_free(text, TRUE);
}
