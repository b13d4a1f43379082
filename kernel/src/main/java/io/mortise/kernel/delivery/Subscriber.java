// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.security.Principal;

/** One connected session as the feeds see it. Every call is made on its loop. */
public interface Subscriber {
    /** Who reads; asked at each match whether it may. */
    Principal principal();

    /** Where it comes from. */
    String host();

    /** Its client id in UTF-8; not to be changed. */
    byte[] clientId();

    /**
     * Whether it reads only what is visible, because it must find its place again; otherwise QoS 0
     * messages reach it as soon as they are sequenced.
     */
    boolean keepsPosition();

    /**
     * Offers a live message.
     *
     * @param record borrowed during the call
     * @param early whether the record may not yet be visible
     */
    void offer(Feed feed, RecordView record, Target target, boolean early);

    /** Offers a message that is in no log, at QoS 0. */
    void offerUnstored(RecordView record, Target target);

    /**
     * A partition is read only now that its subscription may hold for; told to those who keep a
     * position.
     */
    void opened(Feed feed);

    /** Ends a run of offers. */
    void flush();
}
