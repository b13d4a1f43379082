// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment.file;

/**
 * A file whose frames are of many logs: of the commit log, or a pack. It is needed as long as some
 * log holds a piece of it.
 */
public sealed interface FrameFile permits CommitFile, PackFile {
    /** The open file. */
    SharedFile shared();

    /** Frames of a file with a greater number were written later; all packs have 0. */
    long order();

    /** A log reads {@code bytes} of it from now on. */
    void hold(int bytes);

    /** A log reads {@code bytes} of it no more. */
    void letGo(int bytes);
}
