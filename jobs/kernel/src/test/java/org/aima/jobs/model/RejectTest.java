package org.aima.jobs.model;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;

/** A reject is one document however often it is written, and two rejects are two. */
class RejectTest {

    @Example
    void longPayloadsAndKeysAreCut() {
        Reject reject = new Reject("s", "k".repeat(5_000), "r", "d", "p".repeat(5_000));
        assertThat(reject.payload()).hasSize(Reject.MAX_PAYLOAD);
        assertThat(reject.key()).hasSize(400);
    }

    @Property
    void documentIdIsAFunctionOfRunAndContent(
            @ForAll String run, @ForAll String key, @ForAll String payload) {
        Reject one = new Reject("source", key, "reason", "detail", payload);
        Reject same = new Reject("source", key, "reason", "detail", payload);
        assertThat(one.documentId(run)).isEqualTo(same.documentId(run)).hasSize(32);
        assertThat(one.documentId(run)).isNotEqualTo(one.documentId(run + "x"));
        assertThat(one.documentId(run))
                .isNotEqualTo(
                        new Reject("source", key + "x", "reason", "detail", payload)
                                .documentId(run));
    }

    @Example
    void partsDoNotRunIntoEachOther() {
        assertThat(new Reject("ab", "c", "r", "d", "p").documentId("run"))
                .isNotEqualTo(new Reject("a", "bc", "r", "d", "p").documentId("run"));
    }

    @Example
    void travelsBetweenTasksWithoutKryo() {
        for (Class<?> type : new Class<?>[] {Reject.class, Figure.class}) {
            assertThat(TypeInformation.of(type)).isInstanceOf(PojoTypeInfo.class);
        }
    }
}
