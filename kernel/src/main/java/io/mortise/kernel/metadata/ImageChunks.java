// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.kernel.metadata.MetadataRecord.TopicDeleted;
import io.mortise.spi.TopicId;
import io.mortise.spi.runtime.FileLayer;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Images outside of a running broker: as a backup holds them. */
public final class ImageChunks {
    private ImageChunks() {}

    /** The image as a snapshot, with none of its topics but {@code kept}. */
    public static List<byte[]> of(MetadataImage image, Set<TopicId> kept) {
        List<MetadataRecord> others =
                image.topics().values().stream()
                        .map(TopicEntry::id)
                        .filter(id -> !kept.contains(id))
                        .<MetadataRecord>map(id -> new TopicDeleted(id.uuid()))
                        .toList();
        return SnapshotCodec.write(Replay.apply(image, others));
    }

    /**
     * The image that the chunks make.
     *
     * @throws MetadataFormatException newer or damaged
     */
    public static MetadataImage read(List<byte[]> chunks) throws MetadataFormatException {
        return SnapshotCodec.read(chunks);
    }

    /**
     * Makes the files of a local carrier that begins with this image; durable when this returns.
     *
     * @param directory of the carrier, made if absent
     */
    public static void found(FileLayer files, String directory, List<byte[]> chunks)
            throws IOException {
        files.createDirectories(directory);
        long index = Math.max(1, read(chunks).version());
        String path = directory + "/" + LocalFiles.snapshotName(index);
        SnapshotFile.write(files, directory, path, index, chunks);
    }
}
