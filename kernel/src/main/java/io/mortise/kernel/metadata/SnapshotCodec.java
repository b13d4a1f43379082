// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import java.util.ArrayList;
import java.util.List;

/**
 * A snapshot is the records that make the image, in entries of bounded size; each names the image's
 * version.
 */
final class SnapshotCodec {
    private static final int RECORDS_PER_CHUNK = 1_000;
    private static final String PROPOSAL = "snapshot";

    private SnapshotCodec() {}

    static List<byte[]> write(MetadataImage image) {
        List<MetadataRecord> records = ImageRecords.between(MetadataImage.EMPTY, image);
        List<byte[]> chunks = new ArrayList<>();
        int from = 0;
        do {
            int to = Math.min(records.size(), from + RECORDS_PER_CHUNK);
            chunks.add(
                    RecordCodec.write(
                            new RecordCodec.Entry(
                                    image.version(), PROPOSAL, records.subList(from, to))));
            from = to;
        } while (from < records.size());
        return chunks;
    }

    static MetadataImage read(List<byte[]> chunks) throws MetadataFormatException {
        MetadataImage image = MetadataImage.EMPTY;
        for (byte[] chunk : chunks) {
            RecordCodec.Entry entry = RecordCodec.read(chunk);
            image = Replay.apply(image, entry.records()).withVersion(entry.base());
        }
        return image;
    }
}
