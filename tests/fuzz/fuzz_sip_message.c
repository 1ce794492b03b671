/* tests/fuzz/fuzz_sip_message.c - Any bytes as a packet of SIP: the guard's judge first, then libre, as the exchange
 * has them. What is taken is a message within the packet; what is refused gets an answer that would be taken as one;
 * what libre makes of it is read as front.c reads it. */
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/ua/libre.h"
#include "runtime/adapters/sip/validate.h"
#include "tests/fuzz/fuzz.h"

static void libre_reads(const uint8_t *bytes, size_t length)
{
    struct mbuf *packet = mbuf_alloc(length + 1);
    struct sip_msg *message = NULL;
    struct sip_addr address;
    struct httpauth_digest_resp digest;
    MUST(packet && mbuf_write_mem(packet, bytes, length) == 0);
    packet->pos = 0;
    if (sip_msg_decode(&message, packet) == 0) {
        const struct sip_hdr *contact = sip_msg_hdr(message, SIP_HDR_CONTACT);
        const struct sip_hdr *proof = sip_msg_hdr(message, SIP_HDR_AUTHORIZATION);
        if (contact) (void)sip_addr_decode(&address, &contact->val);
        if (proof) (void)httpauth_digest_response_decode(&digest, &proof->val);
        (void)sip_msg_hdr_count(message, SIP_HDR_REQUIRE);
        mem_deref(message);
    }
    mem_deref(packet);
}

static void judge_bytes(const uint8_t *bytes, size_t length)
{
    static struct validated judged, answer;
    char text[8192], branch[BRANCH_SIZE], *copy = malloc(length + 1); /* the sanitizer sees who reads behind it */
    MUST(copy);
    memcpy(copy, bytes, length);
    sip_validate(copy, length, &judged);
    MUST(judged.begin <= judged.end && judged.end <= length);
    if (judged.judged == JUDGED_TAKE) {
        if (judged.branch_at > 0) validate_branch(&judged, branch);
        MUST(judged.branch_at == 0 || judged.branch_at < judged.end);
        libre_reads((const uint8_t *)copy + judged.begin, judged.end - judged.begin);
    } else if (judged.judged == JUDGED_REFUSE) {
        MUST(validate_reply_port(&judged) <= 65535);
        size_t answered = validate_reply(&judged, text, sizeof text);
        sip_validate(text, answered, &answer);
        MUST(answer.judged != JUDGED_REFUSE);
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct uri uri;
    if (length == 0 || length > 65535) return 0;
    struct pl text = {(const char *)bytes + 1, length - 1};
    if (bytes[0] == 2)
        (void)uri_decode(&uri, &text);
    else
        judge_bytes(bytes, length);
    return 0;
}
