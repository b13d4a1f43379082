// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MalformedPacketTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    type 0                             | 5 | 00 00                                              | MALFORMED_PACKET
                    AUTH in 3.1.1                      | 4 | f0 00                                              | MALFORMED_PACKET
                    PINGREQ with flags                 | 5 | c1 00                                              | MALFORMED_PACKET
                    SUBSCRIBE without flag 2           | 5 | 80 07 0001 00 0001 'a' 00                          | MALFORMED_PACKET
                    UNSUBSCRIBE without flag 2         | 4 | a0 05 0001 0001 'a'                                | MALFORMED_PACKET
                    PUBREL without flag 2              | 5 | 60 02 0001                                         | MALFORMED_PACKET
                    CONNECT with flags                 | 5 | 11 0d 0004 'MQTT' 05 02 0000 00 0000               | MALFORMED_PACKET
                    overlong remaining length          | 5 | c0 80 00                                           | MALFORMED_PACKET
                    bytes after PINGREQ                | 5 | c0 01 00                                           | MALFORMED_PACKET
                    MQTT 3.1                           | 4 | 10 0e 0006 'MQIsdp' 03 02 0000 0000                | UNSUPPORTED_PROTOCOL_VERSION
                    level 3 of MQTT                    | 4 | 10 0c 0004 'MQTT' 03 02 0000 0000                  | UNSUPPORTED_PROTOCOL_VERSION
                    level 6                            | 4 | 10 0d 0004 'MQTT' 06 02 0000 00 0000               | UNSUPPORTED_PROTOCOL_VERSION
                    bridge bit of mosquitto            | 4 | 10 0c 0004 'MQTT' 84 02 0000 0000                  | UNSUPPORTED_PROTOCOL_VERSION
                    protocol name                      | 4 | 10 0c 0004 'HTTP' 04 02 0000 0000                  | MALFORMED_PACKET
                    protocol name in lower case        | 4 | 10 0d 0004 'mqtt' 05 02 0000 00 0000               | MALFORMED_PACKET
                    reserved connect flag              | 5 | 10 0d 0004 'MQTT' 05 03 0000 00 0000               | MALFORMED_PACKET
                    will QoS without will              | 5 | 10 0d 0004 'MQTT' 05 0a 0000 00 0000               | MALFORMED_PACKET
                    will retain without will           | 4 | 10 0c 0004 'MQTT' 04 22 0000 0000                  | MALFORMED_PACKET
                    will QoS 3                         | 4 | 10 11 0004 'MQTT' 04 1e 0000 0000 0001 'w' 0000    | MALFORMED_PACKET
                    empty will topic                   | 4 | 10 10 0004 'MQTT' 04 06 0000 0000 0000 0000        | TOPIC_NAME_INVALID
                    wildcard in will topic             | 4 | 10 11 0004 'MQTT' 04 06 0000 0000 0001 '#' 0000    | TOPIC_NAME_INVALID
                    will missing                       | 4 | 10 0c 0004 'MQTT' 04 06 0000 0000                  | MALFORMED_PACKET
                    password without user name, 3.1.1  | 4 | 10 0e 0004 'MQTT' 04 42 0000 0000 0000             | MALFORMED_PACKET
                    user name missing                  | 5 | 10 0d 0004 'MQTT' 05 82 0000 00 0000               | MALFORMED_PACKET
                    client id is longer than packet    | 5 | 10 0d 0004 'MQTT' 05 02 0000 00 ffff               | MALFORMED_PACKET
                    client id with NUL                 | 5 | 10 0e 0004 'MQTT' 05 02 0000 00 0001 00            | MALFORMED_PACKET
                    client id with surrogate           | 5 | 10 10 0004 'MQTT' 05 02 0000 00 0003 eda080        | MALFORMED_PACKET
                    client id overlong                 | 5 | 10 0f 0004 'MQTT' 05 02 0000 00 0002 c080          | MALFORMED_PACKET
                    client id beyond U+10FFFF          | 5 | 10 11 0004 'MQTT' 05 02 0000 00 0004 f4908080      | MALFORMED_PACKET
                    client id cut short                | 5 | 10 0f 0004 'MQTT' 05 02 0000 00 0002 e282          | MALFORMED_PACKET
                    bytes after CONNECT                | 5 | 10 0e 0004 'MQTT' 05 02 0000 00 0000 00            | MALFORMED_PACKET
                    empty CONNECT                      | 4 | 10 00                                              | MALFORMED_PACKET
                    receive maximum 0                  | 5 | 10 10 0004 'MQTT' 05 02 0000 03 210000 0000        | PROTOCOL_ERROR
                    maximum packet size 0              | 5 | 10 12 0004 'MQTT' 05 02 0000 05 2700000000 0000    | PROTOCOL_ERROR
                    request problem information 2      | 5 | 10 0f 0004 'MQTT' 05 02 0000 02 1702 0000          | PROTOCOL_ERROR
                    session expiry twice               | 5 | 10 17 0004 'MQTT' 05 02 0000 0a 1100000001 1100000001 0000 | PROTOCOL_ERROR
                    topic alias in CONNECT             | 5 | 10 10 0004 'MQTT' 05 02 0000 03 230001 0000        | PROTOCOL_ERROR
                    unknown property                   | 5 | 10 0f 0004 'MQTT' 05 02 0000 02 7f00 0000          | MALFORMED_PACKET
                    property 0                         | 5 | 10 0f 0004 'MQTT' 05 02 0000 02 0000 0000          | MALFORMED_PACKET
                    property beyond property length    | 5 | 10 10 0004 'MQTT' 05 02 0000 02 210001 0000        | MALFORMED_PACKET
                    property length beyond packet      | 5 | 10 0d 0004 'MQTT' 05 02 0000 7f 0000               | MALFORMED_PACKET
                    overlong property length           | 5 | 10 0e 0004 'MQTT' 05 02 0000 8000 0000             | MALFORMED_PACKET
                    property length of five bytes      | 5 | 10 11 0004 'MQTT' 05 02 0000 8080808001 0000       | MALFORMED_PACKET
                    will delay in CONNECT properties   | 5 | 10 12 0004 'MQTT' 05 02 0000 05 1800000001 0000    | PROTOCOL_ERROR
                    session expiry in will properties  | 5 | 10 18 0004 'MQTT' 05 06 0000 00 0000 05 1100000001 0001 'w' 0000 | PROTOCOL_ERROR
                    PUBLISH with QoS 3                 | 4 | 36 05 0001 'a' 0001                                | MALFORMED_PACKET
                    DUP with QoS 0                     | 4 | 38 03 0001 'a'                                     | MALFORMED_PACKET
                    PUBLISH with packet id 0           | 4 | 32 05 0001 'a' 0000                                | PROTOCOL_ERROR
                    PUBLISH without packet id          | 4 | 32 03 0001 'a'                                     | MALFORMED_PACKET
                    PUBLISH to +                       | 4 | 30 05 0003 'a/+'                                   | TOPIC_NAME_INVALID
                    PUBLISH to # in a long topic       | 5 | 30 0f 000c '0123456789a#' 00                       | TOPIC_NAME_INVALID
                    PUBLISH to a topic with NUL        | 4 | 30 05 0003 'a' 00 'b'                              | MALFORMED_PACKET
                    PUBLISH to a topic not UTF-8       | 4 | 30 04 0002 ff 'b'                                  | MALFORMED_PACKET
                    PUBLISH to no topic, 3.1.1         | 4 | 30 02 0000                                         | PROTOCOL_ERROR
                    PUBLISH to no topic nor alias      | 5 | 30 03 0000 00                                      | PROTOCOL_ERROR
                    PUBLISH without properties         | 5 | 30 03 0001 'a'                                     | MALFORMED_PACKET
                    format indicator 2                 | 5 | 30 06 0001 'a' 02 0102                             | PROTOCOL_ERROR
                    message expiry twice               | 5 | 30 0e 0001 'a' 0a 0200000001 0200000001            | PROTOCOL_ERROR
                    response topic with wildcard       | 5 | 30 08 0001 'a' 04 08 0001 '+'                      | TOPIC_NAME_INVALID
                    content type not UTF-8             | 5 | 30 08 0001 'a' 04 03 0001 ff                       | MALFORMED_PACKET
                    user property without value        | 5 | 30 08 0001 'a' 04 26 0001 'n'                      | MALFORMED_PACKET
                    subscription identifier 0          | 5 | 30 06 0001 'a' 02 0b00                             | PROTOCOL_ERROR
                    PUBACK with packet id 0            | 5 | 40 02 0000                                         | PROTOCOL_ERROR
                    PUBACK of one byte                 | 5 | 40 01 00                                           | MALFORMED_PACKET
                    PUBACK of three bytes, 3.1.1       | 4 | 40 03 0001 00                                      | MALFORMED_PACKET
                    PUBACK with a reason of SUBACK     | 5 | 40 03 0001 a2                                      | PROTOCOL_ERROR
                    PUBREL with an unknown reason      | 5 | 62 03 0001 7f                                      | PROTOCOL_ERROR
                    PUBREC with a receive maximum      | 5 | 50 07 0001 00 03 210001                            | PROTOCOL_ERROR
                    SUBSCRIBE without a filter         | 4 | 82 02 0001                                         | PROTOCOL_ERROR
                    SUBSCRIBE without a filter, 5.0    | 5 | 82 03 0001 00                                      | PROTOCOL_ERROR
                    SUBSCRIBE with packet id 0         | 4 | 82 06 0000 0001 'a' 00                             | PROTOCOL_ERROR
                    SUBSCRIBE without options          | 4 | 82 05 0001 0001 'a'                                | MALFORMED_PACKET
                    SUBSCRIBE with QoS 3               | 4 | 82 06 0001 0001 'a' 03                             | MALFORMED_PACKET
                    SUBSCRIBE with 5.0 options, 3.1.1  | 4 | 82 06 0001 0001 'a' 04                             | MALFORMED_PACKET
                    reserved subscription options      | 5 | 82 07 0001 00 0001 'a' 40                          | MALFORMED_PACKET
                    retain handling 3                  | 5 | 82 07 0001 00 0001 'a' 30                          | PROTOCOL_ERROR
                    two subscription identifiers       | 5 | 82 0b 0001 04 0b01 0b02 0001 'a' 00                | PROTOCOL_ERROR
                    empty filter                       | 4 | 82 05 0001 0000 00                                 | TOPIC_FILTER_INVALID
                    # before the end                   | 4 | 82 08 0001 0003 '#/a' 00                           | TOPIC_FILTER_INVALID
                    # within a level                   | 4 | 82 07 0001 0002 'a#' 00                            | TOPIC_FILTER_INVALID
                    + within a level                   | 4 | 82 07 0001 0002 '+a' 00                            | TOPIC_FILTER_INVALID
                    filter with NUL                    | 4 | 82 06 0001 0001 00 00                              | MALFORMED_PACKET
                    second filter wrong                | 4 | 82 0b 0001 0001 'a' 00 0002 'a+' 00                | TOPIC_FILTER_INVALID
                    UNSUBSCRIBE without a filter       | 5 | a2 03 0001 00                                      | PROTOCOL_ERROR
                    UNSUBSCRIBE with wrong filter      | 5 | a2 07 0001 00 0002 '#a'                            | TOPIC_FILTER_INVALID
                    UNSUBSCRIBE with subscription id   | 5 | a2 08 0001 02 0b01 0001 'a'                        | PROTOCOL_ERROR
                    DISCONNECT with a body, 3.1.1      | 4 | e0 01 00                                           | MALFORMED_PACKET
                    DISCONNECT with an unknown reason  | 5 | e0 01 7f                                           | PROTOCOL_ERROR
                    DISCONNECT with assigned client id | 5 | e0 06 00 04 12 0001 'a'                            | PROTOCOL_ERROR
                    AUTH with a wrong reason           | 5 | f0 01 81                                           | PROTOCOL_ERROR
                    CONNACK with reserved flags        | 5 | 20 03 02 00 00                                     | MALFORMED_PACKET
                    """)
    void isRefusedWithItsReason(String name, int level, String notation, ReasonCode reason) {
        ProtocolVersion version = level == 5 ? ProtocolVersion.V5 : ProtocolVersion.V3_1_1;

        Decoded decoded = Frames.decode(version, Frames.bytes(notation));

        assertThat(decoded).isInstanceOf(Malformed.class);
        Malformed malformed = (Malformed) decoded;
        assertThat(malformed.reason()).as(malformed.text()).isEqualTo(reason);
        assertThat(malformed.version()).isEqualTo(version);
    }
}
