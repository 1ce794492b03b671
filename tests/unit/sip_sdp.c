/* tests/unit/sip_sdp.c - Which sound is agreed on with a peer, and what it is answered. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/sip/sdp.h"

TestSuite(sip_sdp, .timeout = 20);

#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"

static struct sdp sdp_is_good(const char *text)
{
    struct sdp sdp;
    char why[128] = "";
    cr_assert(sdp_read(text, strlen(text), &sdp, why, sizeof why), "%s", why);
    return sdp;
}

static void assert_refused(const char *text, const char *expected)
{
    struct sdp sdp;
    char why[128] = "";
    cr_assert_not(sdp_read(text, strlen(text), &sdp, why, sizeof why), "%s", text);
    cr_assert_str_eq(why, expected);
}

static const char *answer(const struct sdp *offer)
{
    static char text[SDP_SIZE];
    struct sdp_own own = {"192.0.2.9", 4000, 7, 1, NULL};
    size_t length = sdp_answer(&own, offer, text, sizeof text);
    cr_assert_eq(length, strlen(text));
    return text;
}

Test(sip_sdp, the_first_law_that_the_peer_prefers_is_taken)
{
    struct sdp sdp = sdp_is_good(HEAD "m=audio 5004 RTP/AVP 9 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n");
    cr_assert_str_eq(sdp.address, "192.0.2.1");
    cr_assert_eq(sdp.port, 5004);
    cr_assert_eq(sdp.law_count, 2);
    cr_assert_eq(sdp.laws[0], LAW_A);
    cr_assert_eq(sdp.laws[1], LAW_MU);
    cr_assert_eq(sdp.events, 101);
    cr_assert_str_eq(answer(&sdp),
                     "v=0\r\no=- 7 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
                     "m=audio 4000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
                     "a=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n");
}

Test(sip_sdp, a_law_may_have_another_number_and_a_number_another_codec)
{
    struct sdp sdp = sdp_is_good(HEAD "m=audio 5004 RTP/AVP 0 97\r\na=rtpmap:0 iLBC/8000\r\na=rtpmap:97 pcmu/8000\r\n");
    cr_assert_eq(sdp.law_count, 1);
    cr_assert_eq(sdp.laws[0], LAW_MU);
    cr_assert_eq(sdp.payloads[0], 97);
    cr_assert_eq(sdp.events, -1);
}

Test(sip_sdp, what_is_not_audio_is_declined_in_its_place)
{
    struct sdp sdp =
        sdp_is_good(HEAD "m=video 6000 RTP/AVP 31\r\nc=IN IP4 192.0.2.7\r\na=sendonly\r\nm=audio 5004 RTP/AVP 0\r\n"
                         "c=IN IP4 192.0.2.8\r\nm=audio 5006 RTP/AVP 8\r\n");
    const char *text = answer(&sdp);
    cr_assert_str_eq(sdp.address, "192.0.2.8");
    cr_assert_eq(sdp.port, 5004);
    cr_assert_eq(sdp.way, WAY_BOTH);
    const char *video = strstr(text, "m=video 0 RTP/AVP 31\r\n"), *audio = strstr(text, "m=audio 4000 RTP/AVP 0\r\n");
    const char *second = strstr(text, "m=audio 0 RTP/AVP 8\r\n");
    cr_assert(video && audio && second && video < audio && audio < second, "%s", text);
}

Test(sip_sdp, a_peer_that_holds_is_answered_in_the_other_direction)
{
    struct sdp sdp = sdp_is_good(HEAD "m=audio 5004 RTP/AVP 0\r\na=sendonly\r\n");
    cr_assert_eq(sdp.way, WAY_OUT);
    cr_assert(strstr(answer(&sdp), "a=recvonly\r\n"));
    sdp = sdp_is_good("v=0\nc=IN IP4 0.0.0.0\nm=audio 5004 RTP/AVP 0\n");
    cr_assert_eq(sdp.way, WAY_OUT);
    sdp = sdp_is_good(HEAD "a=inactive\r\nm=audio 5004 RTP/AVP 0\r\n");
    cr_assert(strstr(answer(&sdp), "a=inactive\r\n"));
}

Test(sip_sdp, an_offer_of_ours_is_read_as_it_was_meant)
{
    char text[SDP_SIZE];
    struct sdp_own own = {"2001:db8::1", 4000, 7, 1, NULL};
    sdp_offer(&own, LAW_MU, text, sizeof text);
    struct sdp sdp = sdp_is_good(text);
    cr_assert_str_eq(sdp.address, "2001:db8::1");
    cr_assert_eq(sdp.laws[0], LAW_MU);
    cr_assert_eq(sdp.law_count, 2);
    cr_assert_eq(sdp.events, EVENT_PAYLOAD);
}

Test(sip_sdp, what_cannot_be_taken_is_refused_with_a_reason)
{
    assert_refused("", "no audio over RTP/AVP or RTP/SAVP, with F or without, is in it");
    assert_refused("hello\r\n", "it is no session description");
    assert_refused(HEAD "m=audio 5004 RTP/AVP 9\r\n", "neither law of G.711 is in it");
    assert_refused(HEAD "m=audio 0 RTP/AVP 0\r\n", "no audio over RTP/AVP or RTP/SAVP, with F or without, is in it");
    assert_refused(HEAD "m=audio 5004 UDP/TLS/RTP/SAVPF 0\r\n",
                   "no audio over RTP/AVP or RTP/SAVP, with F or without, is in it");
    assert_refused(HEAD "m=audio 99999 RTP/AVP 0\r\n", "a line m= cannot be read");
    assert_refused(HEAD "m=audio 5004\r\n", "a line m= cannot be read");
    assert_refused("v=0\r\nc=IN IP4 phone.example.com\r\nm=audio 5004 RTP/AVP 0\r\n", "it has no numeric address");
    assert_refused("v=0\r\nc=IN IP4 192.0.2.300\r\nm=audio 5004 RTP/AVP 0\r\n", "it has no numeric address");
}

Test(sip_sdp, an_address_of_the_audio_that_is_none_does_not_fall_back_to_another)
{
    assert_refused(HEAD "m=audio 5004 RTP/AVP 0\r\nc=IN IP4 elsewhere\r\n", "it has no numeric address");
}

#define KEY "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5"

Test(sip_sdp, encrypted_sound_is_answered_with_the_line_that_we_can_do)
{
    static char text[SDP_SIZE];
    struct sdp_own own = {"192.0.2.9", 4000, 7, 1, (const uint8_t *)"012345678901234567890123456789"};
    struct sdp sdp =
        sdp_is_good(HEAD "m=audio 5004 RTP/SAVP 0\r\na=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:" KEY KEY "\r\n"
                         "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" KEY "|2^20|1:4\r\n"
                         "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:" KEY " UNENCRYPTED_SRTP\r\n"
                         "a=crypto:4 AES_CM_128_HMAC_SHA1_32 inline:" KEY "|2^20\r\n"
                         "a=crypto:5 AES_CM_128_HMAC_SHA1_80 inline:" KEY "\r\n");
    cr_assert(sdp.secure && sdp.suite == SUITE_32 && sdp.key_tag == 4);
    cr_assert_eq(memcmp(sdp.key, own.key, SDP_KEY), 0);
    sdp_answer(&own, &sdp, text, sizeof text);
    cr_assert(strstr(text, "m=audio 4000 RTP/SAVP 0\r\n") &&
                  strstr(text, "a=crypto:4 AES_CM_128_HMAC_SHA1_32 inline:" KEY "\r\n"),
              "%s", text);
    sdp_offer(&own, LAW_A, text, sizeof text);
    cr_assert(strstr(text, "RTP/SAVP 8 0 101\r\n") && strstr(text, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY),
              "%s", text);
}

Test(sip_sdp, a_word_of_any_printable_characters_comes_back)
{
    struct sdp sdp = sdp_is_good(HEAD "m=!~ 6000 RTP/~ !\r\nm=audio 5004 RTP/AVP 8\r\n");
    cr_assert(strstr(answer(&sdp), "m=!~ 0 RTP/~ !\r\n"));
}

Test(sip_sdp, a_law_that_is_named_twice_counts_once)
{
    struct sdp sdp = sdp_is_good(HEAD "m=audio 5004 RTP/AVP 8 8 97 8 0 0\r\na=rtpmap:97 PCMA/8000\r\n");
    cr_assert_eq(sdp.law_count, 2);
    cr_assert(sdp.payloads[0] == 8 && sdp.payloads[1] == 0);
}

Test(sip_sdp, an_offer_with_feedback_is_answered_as_it_is_said)
{
    struct sdp sdp = sdp_is_good(HEAD "m=audio 5004 RTP/AVPF 8 101\r\na=rtcp-fb:8 nack\r\n");
    cr_assert_not(sdp.secure);
    cr_assert(strstr(answer(&sdp), "m=audio 4000 RTP/AVPF 8\r\n"));
    sdp = sdp_is_good(HEAD "m=audio 5004 RTP/SAVPF 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "\r\n");
    cr_assert(sdp.secure && sdp.suite == SUITE_80);
}

Test(sip_sdp, encrypted_sound_without_a_key_is_refused)
{
    const char *why = "its sound is encrypted, and no key that we can use is in it";
    assert_refused(HEAD "m=audio 5004 RTP/SAVP 0\r\n", why);
    assert_refused(HEAD "m=audio 5004 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA\r\n", why);
    assert_refused(HEAD "m=audio 5004 RTP/SAVP 0\r\na=crypto:0 AES_CM_128_HMAC_SHA1_80 inline:" KEY "\r\n", why);
    assert_refused(HEAD "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "\r\nm=audio 5004 RTP/SAVP 0\r\n", why);
}
