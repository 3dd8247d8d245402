using System.Runtime.InteropServices;

namespace Media.Models.LightGbm;

/// <summary>The few functions of LightGBM's C interface that training needs; scoring goes through <see cref="FlatTrees"/>.</summary>
/// <remarks>Thread-safe as LightGBM is: different handles may be used at the same time, one handle may not.</remarks>
/// <seealso href="https://lightgbm.readthedocs.io/en/stable/C-API.html">LightGBM, C API</seealso>
internal static unsafe partial class NativeLightGbm
{
    internal const int Float32 = 0;
    internal const int Float64 = 1;
    internal const int Int32 = 2;
    internal const int PredictNormal = 0;
    internal const int PredictRaw = 1;
    internal const int PredictLeaf = 2;
    internal const int PredictContributions = 3;
    internal const int ImportanceByGain = 1;
    internal const int RowMajor = 1;
    private const string Library = "lib_lightgbm";

    /// <summary>Throws when the library cannot be loaded on this machine.</summary>
    /// <exception cref="LightGbmException">There is none for this platform, or a library it needs is missing.</exception>
    internal static void Require()
    {
        try
        {
            GetLastError();
        }
        catch (DllNotFoundException e)
        {
            throw new LightGbmException(MissingOn(RuntimeInformation.RuntimeIdentifier), e);
        }
        catch (BadImageFormatException e)
        {
            throw new LightGbmException(MissingOn(RuntimeInformation.RuntimeIdentifier), e);
        }
    }

    internal static string MissingOn(string runtime) =>
        $"LightGBM's native library does not load on {runtime}: the package holds it for linux-x64 (which also needs libgomp.so.1), osx-x64 and win-x64. Train on one of these; scoring a saved model needs no native library.";

    /// <exception cref="LightGbmException">The call failed; the message is LightGBM's.</exception>
    internal static void Check(int status)
    {
        if (status != 0) throw new LightGbmException($"LightGBM: {Marshal.PtrToStringUTF8(GetLastError())}");
    }

    [LibraryImport(Library, EntryPoint = "LGBM_GetLastError")]
    private static partial nint GetLastError();

    [LibraryImport(Library, EntryPoint = "LGBM_DatasetCreateFromMat", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int DatasetCreateFromMat(float* values, int type, int rows, int columns, int rowMajor, string parameters, nint reference, out DatasetHandle dataset);

    [LibraryImport(Library, EntryPoint = "LGBM_DatasetSetField", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int DatasetSetField(DatasetHandle dataset, string field, void* values, int count, int type);

    [LibraryImport(Library, EntryPoint = "LGBM_DatasetSetFeatureNames", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int DatasetSetFeatureNames(DatasetHandle dataset, string[] names, int count);

    [LibraryImport(Library, EntryPoint = "LGBM_DatasetGetSubset", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int DatasetGetSubset(DatasetHandle dataset, int* rows, int count, string parameters, out DatasetHandle subset);

    [LibraryImport(Library, EntryPoint = "LGBM_DatasetFree")]
    private static partial int DatasetFree(nint dataset);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterCreate", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int BoosterCreate(DatasetHandle dataset, string parameters, out BoosterHandle booster);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterLoadModelFromString", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int BoosterLoadModelFromString(string text, out int iterations, out BoosterHandle booster);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterAddValidData")]
    internal static partial int BoosterAddValidData(BoosterHandle booster, DatasetHandle dataset);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterUpdateOneIter")]
    internal static partial int BoosterUpdateOneIter(BoosterHandle booster, out int finished);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterMerge")]
    internal static partial int BoosterMerge(BoosterHandle booster, BoosterHandle other);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterRefit")]
    internal static partial int BoosterRefit(BoosterHandle booster, int* leaves, int rows, int trees);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterGetEval")]
    internal static partial int BoosterGetEval(BoosterHandle booster, int dataset, out int count, double* results);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterGetNumFeature")]
    internal static partial int BoosterGetNumFeature(BoosterHandle booster, out int count);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterSaveModelToString")]
    internal static partial int BoosterSaveModelToString(BoosterHandle booster, int start, int iterations, int importance, long capacity, out long length, byte* text);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterFeatureImportance")]
    internal static partial int BoosterFeatureImportance(BoosterHandle booster, int iterations, int importance, double* results);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterPredictForMat", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int BoosterPredictForMat(BoosterHandle booster, float* values, int type, int rows, int columns, int rowMajor, int kind, int start, int iterations, string parameters, out long count, double* results);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterPredictForMatSingleRowFastInit", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SingleRowFastInit(BoosterHandle booster, int kind, int start, int iterations, int type, int columns, string parameters, out FastConfigHandle config);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterPredictForMatSingleRowFast")]
    internal static partial int SingleRowFast(FastConfigHandle config, float* values, out long count, double* result);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterFree")]
    private static partial int BoosterFree(nint booster);

    [LibraryImport(Library, EntryPoint = "LGBM_FastConfigFree")]
    private static partial int FastConfigFree(nint config);

    /// <summary>Owns one native dataset.</summary>
    internal sealed class DatasetHandle() : LightGbmHandle
    {
        protected override bool ReleaseHandle() => DatasetFree(handle) == 0;
    }

    /// <summary>Owns one native booster.</summary>
    internal sealed class BoosterHandle() : LightGbmHandle
    {
        protected override bool ReleaseHandle() => BoosterFree(handle) == 0;
    }

    /// <summary>Owns one prepared single-row prediction; the booster must outlive it.</summary>
    internal sealed class FastConfigHandle() : LightGbmHandle
    {
        protected override bool ReleaseHandle() => FastConfigFree(handle) == 0;
    }

    /// <summary>A pointer that LightGBM gave and wants back.</summary>
    internal abstract class LightGbmHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;
    }
}
