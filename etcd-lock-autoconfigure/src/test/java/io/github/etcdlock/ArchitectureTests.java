package io.github.etcdlock;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import org.jspecify.annotations.NullMarked;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The direction of imports: {@code autoconfigure -> adapters and engine -> API}. Rules
 * about packages that are not there yet hold, and work once they are.
 */
@AnalyzeClasses(packages = ArchitectureTests.ROOT, importOptions = DoNotIncludeTests.class)
class ArchitectureTests {

	static final String ROOT = "io.github.etcdlock";

	private static final String RECIPE = ROOT + ".recipe..";

	private static final String ENGINE = ROOT + ".etcd..";

	private static final String AOP = ROOT + ".aop..";

	private static final String GUARD = ROOT + ".guard..";

	private static final String HEALTH = ROOT + ".health..";

	private static final String EMBEDDED = ROOT + ".embedded..";

	private static final String AUTOCONFIGURE = ROOT + ".autoconfigure..";

	private static final String JSPECIFY = "org.jspecify.annotations..";

	private static final String[] CLIENT = { "io.etcd..", "io.grpc..", "io.netty..", "io.vertx..",
			"com.google.protobuf.." };

	private static final String[] ADAPTERS = { AOP, GUARD, HEALTH, EMBEDDED, ROOT + ".metrics..", ROOT + ".actuate..",
			ROOT + ".event..", ROOT + ".integration.." };

	@ArchTest
	static final ArchRule rootNeedsNothingButJava = classes().that()
		.resideInAPackage(ROOT)
		.should()
		.onlyDependOnClassesThat(
				resideInAnyPackage("java..", JSPECIFY, ROOT).or(name("org.springframework.core.annotation.AliasFor")));

	@ArchTest
	static final ArchRule recipesNeedNothingButJavaAndTheRoot = classes().that()
		.resideInAPackage(RECIPE)
		.should()
		.onlyDependOnClassesThat(resideInAnyPackage("java..", JSPECIFY, ROOT, RECIPE))
		.allowEmptyShould(true);

	@ArchTest
	static final ArchRule engineKnowsOfOursOnlyRecipesAndTheRoot = classes().that()
		.resideInAPackage(ENGINE)
		.should()
		.onlyDependOnClassesThat(resideInAnyPackage(ENGINE, RECIPE, ROOT).or(not(resideInAPackage(ROOT + ".."))));

	@ArchTest
	static final ArchRule engineKnowsNoSpringAndNoMicrometer = noClasses().that()
		.resideInAPackage(ENGINE)
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("org.springframework..", "io.micrometer..");

	@ArchTest
	static final ArchRule clientOfEtcdIsUsedWhereEtcdIsAsked = noClasses().that()
		.resideOutsideOfPackages(ENGINE, GUARD, HEALTH, AUTOCONFIGURE)
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage(CLIENT);

	@ArchTest
	static final ArchRule adaptersKnowNothingOfTheEngineAndTheAutoConfiguration = noClasses().that()
		.resideInAnyPackage(ADAPTERS)
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage(ENGINE, RECIPE, AUTOCONFIGURE)
		.allowEmptyShould(true);

	@ArchTest
	static final ArchRule guardsNeedOnlyWhatTheyGuard = classes().that()
		.resideInAPackage(GUARD)
		.should()
		.onlyDependOnClassesThat(resideInAnyPackage("java..", JSPECIFY, ROOT, GUARD, "io.etcd.jetcd..",
				"com.google.protobuf..", "org.springframework.jdbc..", "org.springframework.dao..",
				"org.springframework.transaction.support.."));

	@ArchTest
	static final ArchRule databasesAreUsedByTheirFenceOnly = noClasses().that()
		.resideOutsideOfPackages(GUARD, AUTOCONFIGURE)
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("java.sql..", "javax.sql..", "org.springframework.jdbc..");

	@ArchTest
	static final ArchRule eventsNeedOnlyTheContext = classes().that()
		.resideInAPackage(ROOT + ".event..")
		.should()
		.onlyDependOnClassesThat(
				resideInAnyPackage("java..", JSPECIFY, ROOT, ROOT + ".event..", "org.springframework.context.."));

	@ArchTest
	static final ArchRule adaptersKnowNothingOfEachOther = slices().matching(ROOT + ".(*)..")
		.as("adapters")
		.should()
		.notDependOnEachOther()
		.ignoreDependency(resideInAnyPackage(ENGINE, AUTOCONFIGURE), resideInAPackage(ROOT + ".."))
		.allowEmptyShould(true);

	@ArchTest
	static final ArchRule embeddedEtcdIsAPlainProcess = classes().that()
		.resideInAPackage(EMBEDDED)
		.should()
		.onlyDependOnClassesThat(resideInAnyPackage("java..", JSPECIFY, "org.slf4j..", ROOT, EMBEDDED));

	@ArchTest
	static final ArchRule packagesHaveNoCycles = slices().matching(ROOT + ".(*)..")
		.should()
		.beFreeOfCycles()
		.allowEmptyShould(true);

	@ArchTest
	static final ArchRule libraryIsSilentOnTheConsole = GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

	@ArchTest
	static void everyPackageSaysWhatMayBeNull(JavaClasses all) {
		assertThat(all).allMatch((type) -> type.getPackage().isAnnotatedWith(NullMarked.class));
	}

}
