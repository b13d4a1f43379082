// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.record;

/**
 * One record header.
 *
 * @param name UTF-8 on the wire
 * @param value not copied: the maker must not change it afterwards
 */
@SuppressWarnings("ArrayRecordComponent") // a value that is handed through, never compared
public record Header(String name, byte[] value) {}
