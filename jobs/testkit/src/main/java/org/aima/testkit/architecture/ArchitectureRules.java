package org.aima.testkit.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.List;
import java.util.Set;

/** The suite's structure as rules; {@code checkAll} applies those that hold for every module. */
public final class ArchitectureRules {
    private static final String ENVIRONMENT =
            "org.apache.flink.streaming.api.environment.StreamExecutionEnvironment";
    private static final String LAUNCH = "org.aima.jobs.launch..";

    /** In Flink 1.20 an interface still demands this type; implementing it cannot be avoided. */
    private static final Set<String> DEMANDED_BY_FLINK_1 =
            Set.of("org.apache.flink.api.connector.sink2.Sink$InitContext");

    private ArchitectureRules() {}

    /** The main classes below a package, from class directories and jars. */
    public static JavaClasses mainClasses(String... packages) {
        return new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(packages);
    }

    /** Applies every rule that holds for all modules. */
    public static void checkAll(JavaClasses classes) {
        List.of(
                        onlyLaunchExecutes(),
                        noApiThatFlink2Removed(),
                        noDeprecatedFlinkOverrides(),
                        coreIsFreeOfFlink(),
                        jobsDoNotSeeEachOther(),
                        kernelKnowsNoStoreAndNoJob(),
                        noMutableStatics(),
                        noAnonymousFunctions())
                .forEach(rule -> rule.allowEmptyShould(true).check(classes));
    }

    /** Guard rails are set where the environment is made; a second place would lack them. */
    public static ArchRule onlyLaunchExecutes() {
        Set<String> names =
                Set.of(
                        "getExecutionEnvironment",
                        "createLocalEnvironment",
                        "createRemoteEnvironment",
                        "execute",
                        "executeAsync");
        return noClasses()
                .that()
                .resideOutsideOfPackage(LAUNCH)
                .should()
                .callMethodWhere(
                        describe(
                                "it creates or executes a Flink environment",
                                (JavaMethodCall call) ->
                                        names.contains(call.getTarget().getName())
                                                && call.getTargetOwner()
                                                        .isAssignableTo(ENVIRONMENT)));
    }

    /**
     * What 2.0 removed was deprecated in 1.20, so nothing deprecated may be used; the packages that
     * went as a whole are named as well, because not every class in them carries the mark.
     */
    public static ArchRule noApiThatFlink2Removed() {
        return noClasses()
                .should(dependOnRemovedType())
                .orShould()
                .accessTargetWhere(
                        describe(
                                "it is a deprecated member of Flink",
                                (JavaAccess<?> access) ->
                                        isFlink(access.getTargetOwner())
                                                && access.getTarget()
                                                        .resolveMember()
                                                        .map(
                                                                m ->
                                                                        m.isAnnotatedWith(
                                                                                Deprecated.class))
                                                        .orElse(false)))
                .as("no class should use API that Flink 2.0 removed");
    }

    private static ArchCondition<JavaClass> dependOnRemovedType() {
        return new ArchCondition<>("depend on a type that Flink 2.0 removed") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                for (Dependency dependency : item.getDirectDependenciesFromSelf()) {
                    JavaClass target = dependency.getTargetClass();
                    if (isFlink(target)
                            && !DEMANDED_BY_FLINK_1.contains(target.getName())
                            && isRemoved(target)) {
                        events.add(
                                SimpleConditionEvent.satisfied(
                                        dependency, dependency.getDescription()));
                    }
                }
            }
        };
    }

    private static boolean isRemoved(JavaClass target) {
        String name = target.getName();
        return target.isAnnotatedWith(Deprecated.class)
                || name.startsWith("org.apache.flink.api.java.operators.")
                || name.startsWith("org.apache.flink.api.java.io.")
                || name.startsWith("org.apache.flink.api.connector.sink.")
                || name.startsWith("org.apache.flink.streaming.api.functions.source.Rich")
                || name.equals("org.apache.flink.streaming.api.functions.source.SourceFunction")
                || name.equals("org.apache.flink.streaming.api.functions.sink.SinkFunction")
                || name.equals("org.apache.flink.streaming.api.functions.sink.RichSinkFunction")
                || name.equals("org.apache.flink.api.java.ExecutionEnvironment")
                || name.equals("org.apache.flink.api.common.time.Time")
                || name.equals("org.apache.flink.streaming.api.windowing.time.Time");
    }

    /** {@code open(Configuration)} is not called any more by Flink 2. */
    public static ArchRule noDeprecatedFlinkOverrides() {
        return ArchRuleDefinition.noMethods()
                .that()
                .haveName("open")
                .should()
                .haveRawParameterTypes("org.apache.flink.configuration.Configuration")
                .as("functions should override open(OpenContext), not open(Configuration)");
    }

    /** The algorithms are plain Java, testable without a cluster. */
    public static ArchRule coreIsFreeOfFlink() {
        return noClasses()
                .that()
                .resideInAPackage("..core..")
                .and()
                .resideInAPackage("org.aima..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.flink..", "org.aima.stores.(*)..");
    }

    /** A job is a jar of its own. */
    public static ArchRule jobsDoNotSeeEachOther() {
        return com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices()
                .matching("org.aima.(personclustering|backfill|archival|dossier)..")
                .should()
                .notDependOnEachOther();
    }

    /** The kernel is below everything else. */
    public static ArchRule kernelKnowsNoStoreAndNoJob() {
        return noClasses()
                .that()
                .resideInAPackage("org.aima.jobs..")
                .should()
                .dependOnClassesThat(
                        DescribedPredicate.describe(
                                "are of the suite but above the kernel",
                                (JavaClass c) ->
                                        c.getPackageName().startsWith("org.aima.")
                                                && !c.getPackageName()
                                                        .startsWith("org.aima.jobs.")));
    }

    /** Subtasks of one TaskManager share statics, tests of one JVM too. */
    public static ArchRule noMutableStatics() {
        return ArchRuleDefinition.noFields()
                .that(
                        DescribedPredicate.describe(
                                "are written by people",
                                (JavaField f) ->
                                        !f.getModifiers().contains(JavaModifier.SYNTHETIC)))
                .should()
                .beStatic()
                .andShould()
                .notBeFinal();
    }

    /** An anonymous function drags its enclosing object into the job graph. */
    public static ArchRule noAnonymousFunctions() {
        return noClasses()
                .that()
                .areAnonymousClasses()
                .should()
                .beAssignableTo("org.apache.flink.api.common.functions.Function");
    }

    private static boolean isFlink(JavaClass type) {
        return type.getPackageName().startsWith("org.apache.flink.");
    }
}
