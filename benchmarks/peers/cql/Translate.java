import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import org.cqframework.cql.cql2elm.CqlCompilerOptions;
import org.cqframework.cql.cql2elm.CqlTranslator;
import org.cqframework.cql.cql2elm.LibraryManager;
import org.cqframework.cql.cql2elm.ModelManager;
import org.cqframework.cql.cql2elm.quick.FhirLibrarySourceProvider;

/** Makes the ELM of a library: java Translate.java SOURCE TARGET. */
class Translate {
    public static void main(String[] names) throws Exception {
        CqlCompilerOptions bare = new CqlCompilerOptions(); // without places and comments
        LibraryManager libraries = new LibraryManager(new ModelManager(), bare);
        libraries.getLibrarySourceLoader().registerProvider(new FhirLibrarySourceProvider());
        CqlTranslator translator = CqlTranslator.fromFile(new File(names[0]), libraries);
        if (!translator.getErrors().isEmpty()) {
            translator.getErrors().forEach(error -> System.err.println(error.getMessage()));
            System.exit(1);
        }
        Files.writeString(Path.of(names[1]), translator.toJson());
    }
}
